"""The port to a media server, on behalf of one user, and everything that can go wrong there."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .model import Activity, Item, ItemState, PositionWrite, ServerTraits, Snapshot, StateRead


class PushKind(StrEnum):
    """What happened. None of it is more than a reason to look: positions are read, never believed from a message.

    `MARKED`: the user's data of an item changed, by hand, by a client that wrote it, or because the server stored what
    a playback left.
    """

    CONNECTED = "connected"
    STOPPED = "stopped"
    PAUSED = "paused"
    PLAYED = "played"
    MARKED = "marked"
    LIBRARY_CHANGED = "library_changed"


@dataclass(frozen=True, slots=True)
class PushEvent:
    """One thing that happened, to this account's user only.

    `at` is when the message came, in epoch milliseconds of this machine's clock. `item_id` None: no item in
    particular. `position_ms` is what was told last: it may be from some seconds before a stop, and the server may not
    have stored it yet; None: nothing was told.
    """

    kind: PushKind
    at: int
    item_id: str | None = None
    position_ms: int | None = None


class MediaServerError(Exception):
    """A request to a media server did not do what was asked. Messages hold no token, no address and no title."""


class CannotConnect(MediaServerError):
    """The server could not be reached, or not in time."""


class InvalidAuth(MediaServerError):
    """The server refuses the token or the credentials, or the token is not this user's."""


class NotAllowed(MediaServerError):
    """The user has no right to do this, for good or for now (a parental schedule): never a reason to sign in again."""


class ServerBusy(MediaServerError):
    """The server asks to come back later: it starts, migrates, or limits the rate.

    `retry_after` is in seconds, None where the server does not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep how long the server wants to be left alone."""
        super().__init__(message)
        self.retry_after = retry_after


class NotSupported(MediaServerError):
    """This kind of server cannot do that."""


class UnsupportedVersion(NotSupported):
    """The server is older than what Resume Sync can talk to."""


class NotFound(MediaServerError):
    """The server does not have that item, or not for this user."""


class NotStored(MediaServerError):
    """The server took a write and holds another position all the same."""


class LibraryGone(MediaServerError):
    """A library that the account is limited to is not there any more, or not for this user: its titles are not gone.

    `library_ids` tells which, by the server's ids.
    """

    def __init__(self, library_ids: Collection[str]) -> None:
        """Keep which libraries are missing."""
        super().__init__("A library that was chosen is not there any more")
        self.library_ids = tuple(sorted(library_ids))


class BadResponse(MediaServerError):
    """The answer is no answer: wrong type, wrong shape, truncated, or too large."""


class MediaServer(Protocol):
    """One user's view of one media server. Every method raises a `MediaServerError` or tells the whole truth."""

    @property
    def traits(self) -> ServerTraits:
        """How this server behaves."""

    @property
    def library_revision(self) -> str | None:
        """Changes whenever the library is known to have changed; None while nothing is known of it."""

    async def in_progress(self) -> Snapshot:
        """Return all films and episodes with a position above 0, ids and show ids included."""

    async def states(self, item_ids: Collection[str]) -> StateRead:
        """Return the states of these items, read now, however many."""

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return, by `item_id` of each wanted item of another server, this server's items that share an id with it.

        For an episode a shared show id with the same season and episode counts too. An empty tuple is a fact, not a
        failure. Contradicting ids are left to the caller to judge.
        """

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Return up to five of this server's items that a person might mean by another server's item, best first.

        By title, year (one more or less) and duration; for an episode the show by its title, then season and episode.
        For a person to choose from, never for matching.
        """

    async def active_items(self) -> Mapping[str, Activity] | None:
        """Return what this user is playing or has paused now; None where the account may not read sessions."""

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position. That it took has to be read back."""

    async def clear_position(self, base: ItemState) -> None:
        """Take an item out of progress and change nothing else; raises NotSupported where that is impossible (Plex)."""

    def events(self) -> AsyncGenerator[PushEvent]:
        """Connect once and tell what happens to this user, until the connection ends; it never just stops.

        The first event is CONNECTED: the server took the connection and knows what is wanted; what plays already is no
        event. After that one event for each change of a session, not for each report of its progress. Own writes may
        come back as MARKED. Who is slow to take events gets the latest of each kind and item, 256 at most.

        Raises CannotConnect (closed, timed out, silent), InvalidAuth, NotAllowed (no push for this user), ServerBusy,
        BadResponse (no WebSocket there). Connecting again is up to the caller; closing the iterator closes the
        connection and leaves nothing behind.
        """

    def forget(self) -> None:
        """Drop every index and cache, so that the next look-ups read anew."""

    async def close(self) -> None:
        """Release connections and threads that this object owns."""
