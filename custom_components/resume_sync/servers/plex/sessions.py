"""The accounts and sessions of a Plex server: the answers of `/accounts` and `/status/sessions`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
import re
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.model import Activity, OpenSession
from ..limits import rows_of_sessions
from ..plain_text import plain_text
from ..plausible import LONGEST_MS, whole
from .rows import is_rating_key

# The owner is account 1 on the server itself, whatever the id at plex.tv.
OWNER_ID: Final = "1"
LIMITS_OF_SESSIONS: Final = rows_of_sessions(("User", "Player"))
_UUID = re.compile(r"/users/([0-9a-f]+)/")


@dataclass(frozen=True, slots=True)
class PlexAccounts:
    """The accounts of a server: their names by id, and by id the uuid in the address of each avatar."""

    names: Mapping[str, str]
    uuids: Mapping[str, str]

    @property
    def owner_name(self) -> str | None:
        """The name of the owner; None where the server does not tell it."""
        return self.names.get(OWNER_ID) or None


def read_accounts(rows: Iterable[Element]) -> PlexAccounts:
    """Read the `Account` elements of `/accounts`, which only the owner may read."""
    accounts = [row for row in rows if row.tag == "Account" and row.get("id")]
    return PlexAccounts(
        names={row.get("id", ""): plain_text(row.get("name", "")) for row in accounts},
        uuids={row.get("id", ""): uuid for row in accounts if (uuid := _uuid(row))},
    )


@dataclass(frozen=True, slots=True)
class PlexSession:
    """A session that plays a film or an episode; `owners`: whether the owner watches; `position_ms`: None: not told."""

    item_id: str
    activity: Activity
    owners: bool
    position_ms: int | None = None


def read_sessions(
    rows: Iterable[Element], owner_name: str, accounts: PlexAccounts | None
) -> Iterator[tuple[str, PlexSession | None]]:
    """Yield the sessions of `/status/sessions` by key; None for a session without a film or episode of the library.

    Live television and the trailers before a film are such sessions.
    """
    for row in rows:
        item_id, user, player = row.get("ratingKey", ""), row.find("User"), row.find("Player")
        session = None
        if row.get("type") in ("movie", "episode") and is_rating_key(item_id) and row.get("live") != "1":
            paused = player is not None and player.get("state") == "paused"
            owners = user is not None and _is_owner(user, owner_name, accounts)
            activity = Activity.PAUSED if paused else Activity.PLAYING
            session = PlexSession(item_id, activity, owners, whole(row.get("viewOffset"), LONGEST_MS))
        yield row.get("sessionKey", ""), session


def owner_sessions(rows: Iterable[Element], owner_name: str, accounts: PlexAccounts | None) -> tuple[OpenSession, ...]:
    """Return the owner's sessions with a film or an episode; when a player last reported is told by push alone."""
    return tuple(
        OpenSession(plain_text(key), (session.item_id,), session.activity, session.position_ms, session.position_ms)
        for key, session in read_sessions(rows, owner_name, accounts)
        if session is not None and session.owners
    )


def _is_owner(user: Element, owner_name: str, accounts: PlexAccounts | None) -> bool:
    """Tell whether a session's user is the owner: id 1, sometimes the id at plex.tv with avatar and name."""
    user_id, uuid = user.get("id"), _uuid(user)
    if user_id == OWNER_ID:
        return True
    if accounts is not None:
        if user_id in accounts.names:
            return False
        if uuid is not None and OWNER_ID in accounts.uuids:
            return uuid == accounts.uuids[OWNER_ID]
    names = {owner_name, (accounts.owner_name if accounts else None) or owner_name}
    return (user.get("title") or "").casefold() in {name.casefold() for name in names}


def _uuid(element: Element) -> str | None:
    """Return the id in the address of an avatar (`https://plex.tv/users/{uuid}/avatar`)."""
    match = _UUID.search(element.get("thumb", ""))
    return match[1] if match else None
