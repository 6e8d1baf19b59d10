"""A model of media servers and their viewers, with what real ones lie about: small and in memory.

Unlike the simulators it speaks no HTTP: hundreds of tests run in seconds.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from custom_components.resume_sync.sync.identity import search_keys
from custom_components.resume_sync.sync.media_server import (
    CannotConnect,
    MediaServerError,
    NotAllowed,
    NotSupported,
    PushEvent,
)
from custom_components.resume_sync.sync.model import (
    Activity,
    Hub,
    Item,
    ItemState,
    MediaKind,
    OpenSession,
    PositionWrite,
    ServerTraits,
    ServerType,
    SessionRead,
    Snapshot,
    StateRead,
    Unreadable,
)
from tests.households.traits import TRAITS, WATCHED_PERCENT

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 1_790_000_000_000
DURATION = 100 * MINUTE


type Hook = Callable[[str, bool], Awaitable[None]]
"""Told of every request, by route: False when it arrives, True when it has taken effect and its answer leaves."""


class PowerLoss(BaseException):
    """Home Assistant dies at this request."""


@dataclass(slots=True)
class Clock:
    """The true time, in epoch milliseconds."""

    time: int = NOON

    def now(self) -> int:
        """Return the time."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += int(seconds * 1000)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a server stores of one item for its user. `hidden`: taken off "Continue watching", its position kept."""

    item: Item
    position_ms: int = 0
    watched: bool = False
    play_count: int = 0
    date: int | None = None
    hidden: bool = False
    favorite: bool = False
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its route and the items that it is about."""

    route: str
    item_ids: tuple[str, ...] = ()
    position_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A viewer at an item: since when, from which position, and the position where it was paused."""

    item_id: str
    began: int
    from_ms: int
    paused_at_ms: int | None = None


def film(number: int, item_id: str | None = None, duration_ms: int = DURATION) -> Item:
    """Return a film; the same number is the same film on every server."""
    return Item(
        item_id or f"film-{number}",
        MediaKind.MOVIE,
        f"Film {number}",
        frozenset({f"movie:imdb:tt{number:07}", f"movie:tmdb:{number + 1}"}),
        2000 + number,
        duration_ms,
    )


@dataclass(slots=True)
class ModelServer:
    """One user's server in the model. Implements `MediaServer`; everything else is for viewers and faults."""

    kind: ServerType
    clock: Clock
    holdings: dict[str, Holding] = field(default_factory=dict)
    skew_ms: int = 0
    sessions_readable: bool = True
    sessions: dict[str, Session] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    latency_ms: int = 0
    hook: Hook | None = None
    failing: int = 0
    ignoring: int = 0
    late: list[tuple[int, str, Holding]] = field(default_factory=list)
    delay_ms: int = 0
    hub_told: bool = True
    hub_size: int | None = None
    hidden: set[str] = field(default_factory=set)
    offline_library: bool = False
    unknown: dict[str, str] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    named_rows: bool = True
    nameless_rows: int = 0
    revision: str | None = None
    libraries: dict[str, str] = field(default_factory=dict)
    write_errors: dict[str, MediaServerError] = field(default_factory=dict)
    dies_after_write: bool = False

    @property
    def traits(self) -> ServerTraits:
        """How this kind of server behaves."""
        return TRAITS[self.kind]

    @property
    def library_revision(self) -> str | None:
        """The library's revision, as far as it is known."""
        return self.revision

    @property
    def requests(self) -> list[str]:
        """The routes of all requests, in order."""
        return [call.route for call in self.calls]

    @property
    def writes(self) -> list[Call]:
        """The requests that change something."""
        return [call for call in self.calls if call.route in ("write", "clear", "hide")]

    def add(self, *items: Item) -> None:
        """Put items into the library."""
        self.holdings |= {item.item_id: Holding(item) for item in items}

    async def in_progress(self) -> Snapshot:
        """Return everything in progress."""
        read_at = self.clock.time
        await self._request(Call("list"))
        items = {
            item_id: self._state(item_id)
            for item_id, holding in self._visible().items()
            if holding.position_ms and item_id not in self.hidden and item_id not in self.unknown
        }
        unknown = {item_id: self._unreadable(item_id) for item_id in self.unknown.keys() & self._visible().keys()}
        await self._answer("list")
        return Snapshot(items, read_at, self.skew_ms, unknown, self.nameless_rows)

    async def states(self, item_ids: Collection[str], *, for_write: bool = False) -> StateRead:
        """Return single items."""
        read_at = self.clock.time
        await self._request(Call("states", tuple(sorted(item_ids))))
        asked = set(item_ids) - self.unasked
        there = asked & self._visible().keys()
        known = {item_id: self._state(item_id) for item_id in there if item_id not in self.unknown}
        unknown = {item_id: self._unreadable(item_id) for item_id in there if item_id in self.unknown}
        await self._answer("states")
        return StateRead(known, frozenset(asked - there), read_at, self.skew_ms, unknown)

    async def find(self, wanted: Sequence[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return items by ids."""
        await self._request(Call("find", tuple(sorted(one.item_id for one in wanted))))
        found = {
            one.item_id: tuple(
                holding.item for holding in self._visible().values() if search_keys(holding.item) & search_keys(one)
            )
            for one in wanted
        }
        await self._answer("find")
        return found

    async def propose(self, wanted: Item) -> tuple[Item, ...]:
        """Return the items of the same title."""
        await self._request(Call("propose", (wanted.item_id,)))
        titled = (holding.item for holding in self._visible().values() if holding.item.title == wanted.title)
        found = tuple(sorted(titled, key=lambda item: item.item_id)[:5])
        await self._answer("propose")
        return found

    async def open_sessions(self) -> SessionRead | None:
        """Return what is being played."""
        read_at = self.clock.time
        await self._request(Call("sessions"))
        sessions = tuple(self._open_session(who, session) for who, session in self.sessions.items())
        await self._answer("sessions")
        return SessionRead(sessions, read_at) if self.sessions_readable else None

    def _open_session(self, who: str, session: Session) -> OpenSession:
        """Return one session as it is told."""
        activity = Activity.PLAYING if session.paused_at_ms is None else Activity.PAUSED
        position = self._at(session) if session.item_id in self.holdings else None
        return OpenSession(who, (session.item_id,), activity, position, position)

    def events(self) -> AsyncGenerator[PushEvent]:
        """Push nothing: what happens is found by looking."""
        raise NotAllowed("There is no push here")

    async def write_position(self, write: PositionWrite) -> None:
        """Store a position as this kind of server does."""
        item_id = write.base.item_id
        await self._request(Call("write", (item_id,), write.position_ms))
        if item_id in self.write_errors:
            raise self.write_errors[item_id]
        holding = self.holdings[item_id]
        duration = holding.item.duration_ms or DURATION
        date = write.last_played_server_ms or holding.date
        if self.kind is ServerType.PLEX:
            date = self._stored_date()
        if write.with_all_data or self.traits.writes_full_set:
            base = write.base
            holding = replace(holding, watched=base.watched, play_count=base.play_count)
            holding = replace(holding, favorite=base.favorite, rating=base.rating)
        if write.with_all_data:
            date = write.base.last_played_server_ms
        near_the_end = write.position_ms * 100 >= duration * WATCHED_PERCENT
        if self.kind is not ServerType.PLEX or (write.position_ms >= MINUTE and not near_the_end):
            self._store(item_id, replace(holding, position_ms=write.position_ms, date=date, hidden=False))
        self.failing += self.dies_after_write
        await self._answer("write")

    async def confirm_identity(self) -> None:
        """Tell that it is itself; only Plex has to be asked, all others say so in each row."""
        if self.kind is ServerType.PLEX:
            await self._request(Call("identity", (), 0))
            await self._answer("identity")

    async def withdrawn(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return none: what the user may not see has no state here."""
        return frozenset()

    async def libraries_of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Return the libraries that items are said to be in, in no other answer."""
        await self._request(Call("libraries", tuple(sorted(item_ids))))
        await self._answer("libraries")
        return {item_id: self.libraries[item_id] for item_id in item_ids if item_id in self.libraries}

    async def clear_position(self, base: ItemState) -> None:
        """Take an item out of progress."""
        await self._request(Call("clear", (base.item_id,), 0))
        if self.kind is ServerType.PLEX:
            msg = "Plex cannot clear"
            raise NotSupported(msg)
        if base.item_id in self.write_errors:
            raise self.write_errors[base.item_id]
        self._store(base.item_id, replace(self.holdings[base.item_id], position_ms=0))
        await self._answer("clear")

    async def hub(self) -> Hub | None:
        """Return what Plex shows: what is in progress and not hidden, one episode of each show, the latest first."""
        read_at = self.clock.time
        await self._request(Call("hub"))
        shown: dict[str, str] = {}
        for item_id, holding in sorted(self._visible().items(), key=lambda one: -(one[1].date or 0)):
            title = min(holding.item.show_ids, default=item_id)
            if holding.position_ms and not holding.hidden and title not in shown.values():
                shown[item_id] = title
        await self._answer("hub")
        whole = self.hub_size is None or len(shown) < self.hub_size
        return Hub(dict(list(shown.items())[: self.hub_size]), read_at, whole=whole) if self.hub_told else None

    async def hide(self, base: ItemState) -> None:
        """Take an item off "Continue watching"."""
        await self._request(Call("hide", (base.item_id,)))
        if base.item_id in self.write_errors:
            raise self.write_errors[base.item_id]
        self._store(base.item_id, replace(self.holdings[base.item_id], hidden=True))
        await self._answer("hide")

    def forget(self) -> None:
        """Nothing is cached here."""

    async def close(self) -> None:
        """Nothing is open here."""

    def play(self, item_id: str, who: str = "tv") -> None:
        """Start an item where it was left."""
        holding = self.holdings[item_id]
        self.sessions[who] = Session(item_id, self.clock.time, holding.position_ms)
        if self.kind is not ServerType.PLEX:
            date, count = self._stored_date(), holding.play_count + 1
            self.holdings[item_id] = replace(holding, date=date, play_count=count, hidden=False)

    def tick(self) -> None:
        """Let players report, and late writes arrive."""
        for due, item_id, holding in list(self.late):
            if due <= self.clock.time:
                self.late.remove((due, item_id, holding))
                if item_id in self.holdings:
                    self.holdings[item_id] = holding
        for session in self.sessions.values():
            if session.paused_at_ms is None:
                self._report(session.item_id, self._at(session))

    def pause(self, who: str = "tv") -> int:
        """Pause; return the position."""
        position = self._at(self.sessions[who])
        self._report(self.sessions[who].item_id, position)
        self.sessions[who] = replace(self.sessions[who], paused_at_ms=position)
        return position

    def stop(self, who: str = "tv") -> int:
        """Stop, or close an app that was paused; return the position that it reports."""
        session = self.sessions.pop(who)
        position = self._at(session)
        self._report(session.item_id, position)
        return position

    def seek(self, position_ms: int, who: str = "tv") -> None:
        """Jump to a position."""
        self.sessions[who] = replace(self.sessions[who], began=self.clock.time, from_ms=position_ms)
        self._report(self.sessions[who].item_id, position_ms)

    def finish(self, who: str = "tv") -> None:
        """Watch to the end."""
        item_id = self.sessions.pop(who).item_id
        holding = self.holdings[item_id]
        date = self._stored_date() if self.kind is ServerType.PLEX else holding.date
        count = holding.play_count + (self.kind is ServerType.PLEX)
        self.holdings[item_id] = replace(holding, position_ms=0, watched=True, date=date, play_count=count)

    def clear(self, item_id: str) -> None:
        """Take an item off by hand: mark it unplayed, which takes its date, its mark and its play count away."""
        self.holdings[item_id] = Holding(self.holdings[item_id].item)

    def lose(self, item_id: str) -> None:
        """Store a 0 that nobody asked for: an app that cannot play stops at 0 without a start."""
        self.holdings[item_id] = replace(self.holdings[item_id], position_ms=0)

    def hide_by_hand(self, item_id: str) -> None:
        """Take an item off "Continue watching" by hand, with its position kept: the button of Plex and of Emby."""
        self.holdings[item_id] = replace(self.holdings[item_id], hidden=True)

    def server_time(self) -> int:
        """Return the time on the server's clock."""
        return self.clock.time + self.skew_ms

    def _at(self, session: Session) -> int:
        """Return where a session is now."""
        if session.paused_at_ms is not None:
            return session.paused_at_ms
        duration = self.holdings[session.item_id].item.duration_ms or DURATION
        return min(session.from_ms + self.clock.time - session.began, duration * 85 // 100)

    def _report(self, item_id: str, position_ms: int) -> None:
        """Store what a player reports."""
        holding = self.holdings.get(item_id)
        if holding is None:
            return
        if self.kind is ServerType.PLEX:
            if position_ms >= MINUTE:
                date = self._stored_date()
                self.holdings[item_id] = replace(holding, position_ms=position_ms, date=date, hidden=False)
            return
        minimum = (holding.item.duration_ms or DURATION) * (5 if self.kind is ServerType.JELLYFIN else 2) // 100
        self.holdings[item_id] = replace(holding, position_ms=0 if position_ms < minimum else position_ms)

    def _stored_date(self) -> int:
        """Return the server's time as it stores it."""
        return self.server_time() // 1000 * 1000

    def _store(self, item_id: str, holding: Holding) -> None:
        """Store a write of ours, unless it is ignored or comes late."""
        if self.ignoring:
            self.ignoring -= 1
        elif self.delay_ms:
            self.late.append((self.clock.time + self.delay_ms, item_id, holding))
        else:
            self.holdings[item_id] = holding

    def _visible(self) -> dict[str, Holding]:
        """Return the library, if its disk is there."""
        return {} if self.offline_library else self.holdings

    def _unreadable(self, item_id: str) -> Unreadable:
        """Return what is told of an item whose position cannot be read."""
        return Unreadable(self.unknown[item_id], self.holdings[item_id].item if self.named_rows else None)

    def _state(self, item_id: str) -> ItemState:
        """Return one item as it is read."""
        holding = self.holdings[item_id]
        return ItemState(
            holding.item,
            holding.position_ms,
            holding.watched,
            holding.play_count,
            holding.date,
            holding.favorite,
            holding.rating,
            hidden=holding.hidden and self.kind is ServerType.EMBY,
        )

    async def _request(self, call: Call) -> None:
        """Count a request, and let it fail if it is to."""
        self.calls.append(call)
        self.clock.time += self.latency_ms
        if self.hook:
            await self.hook(call.route, False)
        if self.failing:
            self.failing -= 1
            msg = "The server is down"
            raise CannotConnect(msg)

    async def _answer(self, route: str) -> None:
        """Tell that a request has taken effect."""
        if self.hook:
            await self.hook(route, True)
