"""The port to a media server for one user: its protocol, its push events, and its errors."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .model import Hub, Item, ItemState, PositionWrite, ServerTraits, ServerType, SessionRead, Snapshot, StateRead


class PushKind(StrEnum):
    """The kinds of push event. Each is only a reason to look: positions are read, never believed from a message.

    `MARKED`: the user's data of an item changed. A person marked it, a client wrote it, or the server stored the end of
    a playback. `SESSIONS` is no reason to look: it tells what sessions do and where their players are.
    """

    CONNECTED = "connected"
    STOPPED = "stopped"
    PAUSED = "paused"
    PLAYED = "played"
    MARKED = "marked"
    LIBRARY_CHANGED = "library_changed"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class PushEvent:
    """One push event that concerns this account's user.

    `at` is when the message came, in epoch milliseconds of this machine's clock. `item_id` None: the event names no
    item. `position_ms` is the position that was reported last: it may be some seconds older than a stop, and the server
    may not have stored it yet; None: no position was reported. `sessions` come with CONNECTED and SESSIONS; None: they
    cannot be read.
    """

    kind: PushKind
    at: int
    item_id: str | None = None
    position_ms: int | None = None
    sessions: SessionRead | None = None


class MediaServerError(Exception):
    """A request to a media server failed. Messages hold no token, no address and no title."""


class CannotConnect(MediaServerError):
    """The server could not be reached, or did not answer in time."""


class ProxySignIn(CannotConnect):
    """Something in front of the server, such as a reverse proxy, asks for a sign-in of its own."""


class BadCertificate(CannotConnect):
    """The server's certificate is self-signed, has expired, or is for another name."""


class InvalidAuth(MediaServerError):
    """The server refuses the token or the credentials, or the token is not this user's."""


class NotAllowed(MediaServerError):
    """The user may not do this, for good or for now (a parental schedule): never a reason to sign in again."""


class ServerBusy(MediaServerError):
    """The server asks to come back later: it starts, migrates, or limits the rate.

    `retry_after` is in seconds; None: the server does not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep the pause that the server asks for."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(ServerBusy):
    """The server, or a proxy in front of it, takes no more requests for a while."""


class UnknownUser(InvalidAuth):
    """The server shows its users, and none of this name is among them."""


class NotSupported(MediaServerError):
    """This kind of server cannot do that."""


class PushedTooMuch(NotSupported):
    """A server pushes more than can be taken: look at its sessions for some minutes instead, then connect again."""


class UnsupportedVersion(NotSupported):
    """The server is older than the oldest version that Resume Sync supports."""


class NotFound(MediaServerError):
    """The server does not have that item, or not for this user."""


class NotStored(MediaServerError):
    """The server accepted a write, but a read back shows another position."""


class LibraryGone(MediaServerError):
    """A library that the account is limited to no longer exists, or is hidden from this user.

    Its titles must not be taken for gone. `library_ids` are the server's ids of the missing libraries, in stable order.
    """

    def __init__(self, library_ids: Collection[str]) -> None:
        """Keep the ids of the missing libraries."""
        super().__init__("A library that was chosen is not there any more")
        self.library_ids = tuple(sorted(library_ids))


class BadResponse(MediaServerError):
    """The answer cannot be used: wrong type, wrong shape, truncated, or too large."""


class AnotherServer(BadResponse):
    """Another server answers at the address than the one that the account belongs to."""


class WrongKind(BadResponse):
    """A media server of another kind answers: `server_type`."""

    def __init__(self, server_type: ServerType) -> None:
        """Keep the kind."""
        super().__init__("Another kind of media server answers")
        self.server_type = server_type


class Redirected(BadResponse):
    """The server redirects to another address, which is not followed. `location` is that address as it was sent."""

    def __init__(self, location: str) -> None:
        """Keep where the redirect leads."""
        super().__init__("The server redirects elsewhere: its address or base path is another one")
        self.location = location


class MediaServer(Protocol):
    """One user's view of one media server. Every request returns a complete answer or raises a `MediaServerError`."""

    @property
    def traits(self) -> ServerTraits:
        """The behaviour of this kind of server."""

    @property
    def library_revision(self) -> str | None:
        """A text that changes whenever the library is known to have changed; None: nothing is known about it yet."""

    async def in_progress(self) -> Snapshot:
        """Return all films and episodes with a position above 0, ids and show ids included."""

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:
        """Return the states of these items, read now. Any number of ids is allowed.

        `for_write`: they are about to be written, or were written just now. Then the data of all items come from a
        list, as far as one tells of them, and no item is left unasked.
        """

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return those of some items, just read by id, that the user may not see: their library was taken away.

        To be called for the targets of first writes. Costs a request for each on Jellyfin, whose reads by id answer
        such items, once in six hours; none elsewhere.
        """

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of the libraries that hold some items, by item id; without those that are not told.

        To be called where nothing else tells several copies of a title apart. On Jellyfin and Emby that costs a request
        for each folder of films and each show, once a day; none on Plex, whose items name their library.
        """

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return this server's items that share an id with each wanted item, by the wanted item's id.

        `wanted` are items of another server. Episodes also match by a shared show id with the same season and episode
        number. An empty tuple means that this server has no such item. The caller judges contradicting ids.
        """

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Return up to five of this server's items that resemble another server's item, best first.

        Films are compared by title, year (one more or less) and duration; episodes by the show's title, then season and
        episode number. The result is for a person to choose from, never for matching.
        """

    async def open_sessions(self) -> SessionRead | None:
        """Return this user's sessions, in one request; None: they cannot be read, for whatever reason but an outage."""

    async def confirm_identity(self) -> None:
        """Make sure that the account's own server answers; raises AnotherServer.

        To be called before a snapshot is believed in which a known item is missing or has contradicting ids. Costs one
        request where the server's rows do not name it (Plex), none where they do.
        """

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position. Success only means that the server accepted it: read the item back to be sure."""

    async def clear_position(self, base: ItemState) -> None:
        """Set the position to 0 and change nothing else; raises NotSupported where that is impossible (Plex)."""

    async def hub(self) -> Hub | None:
        """Return what is shown as "Continue watching" there; None: the server has no such hub, or does not tell it."""

    async def hide(self, base: ItemState) -> None:
        """Take an item off the hub; position, watched mark, count and date stay. Raises NotSupported (not Plex).

        Success only means that the server accepted it: read the hub to be sure.
        """

    def events(self) -> AsyncGenerator[PushEvent]:
        """Connect once and yield this user's events until the connection ends, which always raises.

        The first event is CONNECTED: the server accepted the connection and the subscription. Plays that are already
        running yield no event of their own. After that there is one event for each change of a session, and SESSIONS
        for each progress report that the server tells of. Our own writes may come back as MARKED. A slow consumer gets
        the latest event of each kind and item, 256 at most.

        Raises CannotConnect (closed, timed out, silent), InvalidAuth, NotAllowed (no push for this user), ServerBusy,
        BadResponse (no WebSocket there). The caller reconnects. Closing the iterator closes the connection.
        """

    def forget(self) -> None:
        """Drop every index and cache, so that the next look-ups ask the server again."""

    async def close(self) -> None:
        """Release connections and threads that this object owns."""
