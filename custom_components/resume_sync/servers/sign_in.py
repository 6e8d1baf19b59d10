"""What every sign-in yields, whatever the server."""

from dataclasses import dataclass

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

    token: str
    user: ServerUser
