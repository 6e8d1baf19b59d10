"""What every server tells before an account is set up: itself, its users, their libraries, a token."""

from dataclasses import dataclass, field

from ..sync.model import ServerType


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A media server as it presents itself."""

    server_type: ServerType
    server_id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ServerUser:
    """A user on a server. `needs_pin`: a Plex Home user that is protected."""

    user_id: str
    name: str
    needs_pin: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A token and the user that it acts for."""

    token: str = field(repr=False)
    user: ServerUser


@dataclass(frozen=True, slots=True)
class Library:
    """A library with films or shows that a user sees. `library_id` is the server's own name for it."""

    library_id: str
    name: str
