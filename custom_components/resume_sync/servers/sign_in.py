"""The vocabulary of setting up an account: a server, its users, a user's libraries, a token."""

from dataclasses import dataclass, field

from ..sync.model import ServerType


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A media server as it presents itself; `server_id` stays the same when its address changes."""

    server_type: ServerType
    server_id: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ServerUser:
    """A user of a server. `needs_pin`: a member of a Plex Home who is protected by a PIN."""

    user_id: str
    name: str
    needs_pin: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The result of a sign-in: a token, and the user for whom it acts."""

    token: str = field(repr=False)
    user: ServerUser


@dataclass(frozen=True, slots=True)
class Library:
    """A library of films or shows that a user sees; `library_id` is the server's own key for it."""

    library_id: str
    name: str
