"""People as plex.tv knows them, and as a Plex Media Server does."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1

from tests.simulators.handed_out import secret
from tests.simulators.users import User


def digest(text: str, length: int) -> str:
    """Return a hexadecimal name for a text, the same on every run."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()[:length]


class PlexRole(StrEnum):
    """What a user is to a server: its owner, a member of the owner's Plex Home, or a friend outside of it."""

    OWNER = "owner"
    HOME = "home"
    FRIEND = "friend"


@dataclass(slots=True)
class PlexAccount:
    """An account at plex.tv; the same name is the same person on every server.

    `restricted`: a managed user, who has a title and no user name or address. `pin` protects a Home user.
    `home_of`: the name of the admin of the Plex Home that this account belongs to; None: a Home of its own.
    """

    name: str
    account_id: int
    uuid: str
    title: str
    pin: str | None = None
    restricted: bool = False
    home_of: str | None = None

    @property
    def username(self) -> str | None:
        """The user name; managed users have none."""
        return None if self.restricted else self.name

    @property
    def email(self) -> str | None:
        """The mail address; managed users have none."""
        return None if self.restricted else f"{self.name.casefold().replace(' ', '.')}@example.com"

    @property
    def thumb(self) -> str:
        """The avatar's address."""
        return f"https://plex.tv/users/{self.uuid}/avatar?c=1700000000"


def plex_account(
    name: str, *, title: str | None = None, pin: str | None = None, restricted: bool = False
) -> PlexAccount:
    """Make the account of a name; its ids follow from the name alone."""
    account_id = 40_000_000 + int(digest(f"account {name}", 6), 16)
    return PlexAccount(
        name, account_id, digest(f"uuid {name}", 16), title or name, secret(pin) if pin else None, restricted
    )


@dataclass(slots=True, kw_only=True)
class PlexUser(User):
    """A user of one server. The owner's `user_id` there is 1, everybody else's is the id at plex.tv.

    `token_number` counts the tokens that were issued for this server: only the newest is valid.
    """

    account: PlexAccount
    role: PlexRole
    machine_id: str
    token_number: int = 1

    @property
    def is_owner(self) -> bool:
        """Whether the server belongs to this user."""
        return self.role is PlexRole.OWNER

    @property
    def access_token(self) -> str:
        """The token for this server and this user; it is worth nothing at plex.tv and on other servers."""
        return secret(f"srv-{digest(f'{self.machine_id} {self.user_id} {self.token_number}', 20)}")
