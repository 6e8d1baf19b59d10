"""Between Home Assistant and one server: every request is seen here, and can be troubled here."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServer,
    PushEvent,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import (
    Hub,
    Item,
    ItemState,
    PositionWrite,
    ServerTraits,
    SessionRead,
    Snapshot,
    StateRead,
    Unreadable,
)

WRITES = frozenset({"write", "clear", "hide"})

type Point = Callable[[Wire, str], Awaitable[None]]


class Outage(StrEnum):
    """How requests fail. `LOST_ANSWER`: they do their work, and only the answer is lost."""

    REFUSED = "refused"
    BUSY = "busy"
    GARBAGE = "garbage"
    TOKEN = "token"
    LOST_ANSWER = "lost answer"


class Spoilt(StrEnum):
    """What is wrong with a listing that comes nevertheless."""

    ROW_LEFT_OUT = "row left out"
    ROW_UNREADABLE = "row unreadable"
    ROW_NAMELESS = "row nameless"
    EMPTY = "empty"


@dataclass(slots=True)
class Troubles:
    """What is wrong on a wire now.

    `failing` requests fail by `outage` before it is over, `only_writes`: writes alone. The next `ignored` writes are
    answered and not done. `spoilt` is what the next `spoilt_listings` listings suffer. `is_overtaken`: the next listing
    is asked for a second time right away, and what that tells comes with the listing after it.
    """

    outage: Outage = Outage.REFUSED
    failing: int = 0
    only_writes: bool = False
    ignored: int = 0
    spoilt: Spoilt = Spoilt.EMPTY
    spoilt_listings: int = 0
    sessions_readable: bool = True
    is_overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `at` is when it left, in seconds on the true clock; `shown` the positions that it answered."""

    route: str
    at: float
    item_ids: frozenset[str] = frozenset()
    shown: Mapping[str, int] = field(default_factory=dict)


class Wire:
    """One user's view of one server, over `inner`. Implements `MediaServer`.

    `point` is awaited when a request leaves and when its answer comes: whatever may happen between two requests
    happens there. `sent` are all positions that were to be written, by item and with the time, done or not.
    """

    def __init__(self, server: str, user: str, inner: MediaServer, now: Callable[[], float], point: Point) -> None:
        """Watch one account's requests."""
        self.server = server
        self.user = user
        self.inner = inner
        self.troubles = Troubles()
        self.calls: list[Call] = []
        self.sent: list[tuple[str, int, float]] = []
        self.snapshot: Snapshot | None = None
        self.listed_at = 0.0
        self.active: frozenset[str] = frozenset()
        self.faults = 0
        self._overtaken: tuple[Snapshot, float] | None = None
        self._now = now
        self._point = point

    @property
    def traits(self) -> ServerTraits:
        """How the server behaves."""
        return self.inner.traits

    @property
    def library_revision(self) -> str | None:
        """What is known of the library."""
        return self.inner.library_revision

    async def in_progress(self) -> Snapshot:
        """Return the listing, as it comes over the wire."""
        listed_at = self._now()
        snapshot = await self._request("list", (), self.inner.in_progress)
        if self._overtaken is not None:
            (snapshot, listed_at), self._overtaken = self._overtaken, None
            self.calls[-1] = replace(self.calls[-1], at=listed_at)
        if self.troubles.is_overtaken:
            self.troubles.is_overtaken = False
            self.faults += 1
            self._overtaken = await self.inner.in_progress(), self._now()
        if self.troubles.spoilt_listings:
            self.troubles.spoilt_listings -= 1
            self.faults += 1
            snapshot = _spoil(snapshot, self.troubles.spoilt)
        self.snapshot, self.listed_at, self.active = snapshot, listed_at, frozenset()
        self._showed(snapshot.items)
        return snapshot

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:
        """Return single items."""
        read = await self._request("states", item_ids, lambda: self.inner.states(item_ids))
        self._showed(read.items)
        return read

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Look titles up."""
        return await self._request("find", (), lambda: self.inner.find(wanted))

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Look for what a person might mean."""
        return await self._request("propose", (), lambda: self.inner.propose(wanted))

    async def open_sessions(self) -> SessionRead | None:
        """Return what is being played, where that may be read."""
        sessions = await self._request("sessions", (), self.inner.open_sessions)
        if not self.troubles.sessions_readable:
            return None
        self.active = frozenset(sessions.active if sessions is not None else ())
        return sessions

    def events(self) -> AsyncGenerator[PushEvent]:
        """Tell what happens there."""
        return self.inner.events()

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position, unless the server ignores it."""
        self.sent.append((write.base.item_id, write.position_ms, self._now()))
        await self._write("write", write.base, lambda: self.inner.write_position(write))

    async def confirm_identity(self) -> None:
        """Ask who answers."""
        await self._request("identity", (), self.inner.confirm_identity)

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        """Ask for items that the user may not see."""
        return await self._request("withdrawn", item_ids, lambda: self.inner.withdrawn(item_ids))

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Ask for the libraries that hold some items."""
        return await self._request("libraries", item_ids, lambda: self.inner.libraries_of(item_ids))

    async def clear_position(self, base: ItemState) -> None:
        """Take an item out of progress, unless the server ignores it."""
        await self._write("clear", base, lambda: self.inner.clear_position(base))

    async def hub(self) -> Hub | None:
        """Return what is shown as "Continue watching"."""
        return await self._request("hub", (), self.inner.hub)

    async def hide(self, base: ItemState) -> None:
        """Hide an item, unless the server ignores it."""
        await self._write("hide", base, lambda: self.inner.hide(base))

    def forget(self) -> None:
        """Drop what the client keeps."""
        self.inner.forget()

    async def close(self) -> None:
        """Close the client."""
        await self.inner.close()

    async def _write(self, route: str, base: ItemState, write: Callable[[], Awaitable[None]]) -> None:
        """Send a write."""
        if self.troubles.ignored:
            self.troubles.ignored -= 1
            self.faults += 1
            await self._request(route, (base.item_id,), _nothing)
        else:
            await self._request(route, (base.item_id,), write)

    async def _request[T](self, route: str, item_ids: Iterable[str], ask: Callable[[], Awaitable[T]]) -> T:
        """Send one request."""
        self.calls.append(Call(route, self._now(), frozenset(item_ids)))
        await self._point(self, route)
        fails = self.troubles.failing > 0 and (route in WRITES or not self.troubles.only_writes)
        if fails:
            self.troubles.failing -= 1
            self.faults += 1
        if fails and self.troubles.outage is not Outage.LOST_ANSWER:
            raise _error(self.troubles.outage)
        answer = await ask()
        await self._point(self, f"{route} answered")
        if fails:
            raise CannotConnect("The answer was lost")
        return answer

    def _showed(self, items: Mapping[str, ItemState]) -> None:
        """Note what the last request's answer showed."""
        shown = {item_id: state.position_ms for item_id, state in items.items()}
        self.calls[-1] = replace(self.calls[-1], shown=shown)


async def _nothing() -> None:
    """Answer, and do nothing."""


def _error(outage: Outage) -> Exception:
    """Return what a client raises in an outage."""
    return {
        Outage.REFUSED: CannotConnect("The server is down"),
        Outage.BUSY: ServerBusy("The server is starting", 30.0),
        Outage.GARBAGE: BadResponse("The answer is no answer"),
        Outage.TOKEN: InvalidAuth("The token is refused"),
        Outage.LOST_ANSWER: CannotConnect("The answer was lost"),
    }[outage]


def _spoil(snapshot: Snapshot, spoilt: Spoilt) -> Snapshot:
    """Return a listing in which something is wrong that a client cannot see, or has told."""
    if spoilt is Spoilt.EMPTY:
        return replace(snapshot, items={})
    if not snapshot.items:
        return snapshot
    first = min(snapshot.items)
    rest = {item_id: state for item_id, state in snapshot.items.items() if item_id != first}
    if spoilt is Spoilt.ROW_UNREADABLE:
        return replace(snapshot, items=rest, unknown={first: Unreadable("position", snapshot.items[first].item)})
    return replace(snapshot, items=rest, nameless_rows=int(spoilt is Spoilt.ROW_NAMELESS))
