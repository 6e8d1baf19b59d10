"""One account during its runs: its server, its journal, and the states read in this round."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from ..journal.journal import Journal
from ..journal.trail import Entry
from ..media_server import MediaServer, MediaServerError
from ..model import Activity, Item, ItemState, Reason, Snapshot, StateRead, Unreadable
from ..off_loop import MANY
from ..plan.decision import AccountError
from ..plan.scene import Copy, Shelf
from .history import History
from .hub import HubWatch


@dataclass(slots=True)
class WriteCounts:
    """What writes to an account did to more than positions, in items since the start.

    `disturbed` lost something, `repaired` of those have it again. Of `unproven` ones no list of the server tells.
    """

    disturbed: int = 0
    repaired: int = 0
    unproven: int = 0


class Account:
    """One user on one server, shared by all pairs of that user.

    The last snapshot serves every run that accepts its age; later reads of single items are laid over it. Times are
    epoch milliseconds of this machine's clock. Every method that asks the server raises `AccountError` where the
    request fails; journal and states are then as they were before.
    """

    def __init__(
        self,
        account_id: str,
        name: str,
        server: MediaServer,
        journal: Journal,
        libraries: Collection[str] = (),
        *,
        history: History | None = None,
    ) -> None:
        """Start without a snapshot. `libraries` are the server's ids of the libraries to list; none: all of them."""
        self.account_id = account_id
        self.name = name
        self.server = server
        self.journal = journal
        self.history = history or History()
        self.libraries = tuple(libraries)
        self.write_counts = WriteCounts()
        self._saved, self._saved_revision = journal.copy(), self.history.revision
        self._snapshot: Snapshot | None = None
        self._states: dict[str, ItemState] = {}
        self._unknown: dict[str, Unreadable] = {}
        self._unasked: frozenset[str] = frozenset()
        self._found: dict[str, Item] = {}
        self._read_at: dict[str, int] = {}
        self._libraries: Mapping[str, str] = {}
        self._skew_ms = 0
        self._activity: Mapping[str, Activity] | None = None
        self.hub = HubWatch(server)

    @property
    def snapshot(self) -> Snapshot | None:
        """All items in progress: the last complete listing, with later reads of single items laid over it.

        What was hidden is not in progress, although it keeps its position.
        """
        if self._snapshot is None:
            return None
        items = {
            item_id: state
            for item_id, state in self._states.items()
            if state.position_ms and not self.is_off_shelf(item_id)
        }
        return replace(self._snapshot, items=items)

    def is_off_shelf(self, item_id: str) -> bool:
        """Tell whether an item was hidden, and not moved since."""
        entry = self.journal.entries.get(item_id)
        return entry is not None and entry.is_off_shelf

    @property
    def unsaved(self) -> bool:
        """Whether journal or history have changed since they were saved; the time of the last read does not count."""
        moved = replace(self.journal, read_at=None) != replace(self._saved, read_at=None)
        return moved or self.history.revision != self._saved_revision

    def mark_saved(self) -> None:
        """Take journal and history as they are now for saved."""
        self._saved, self._saved_revision = self.journal.copy(), self.history.revision

    def copy(self) -> Account:
        """Return a copy for a preview: reading and planning with it leaves this account as it is."""
        journal, history = self.journal.copy(), self.history.copy()
        other = Account(self.account_id, self.name, self.server, journal, self.libraries, history=history)
        other._snapshot = self._snapshot
        other._states = dict(self._states)
        other._unknown = dict(self._unknown)
        other._unasked = self._unasked
        other._found = dict(self._found)
        other._read_at = dict(self._read_at)
        other._libraries = self._libraries
        other._skew_ms = self._skew_ms
        other._activity = self._activity
        other.hub = self.hub.copy()
        return other

    async def read(self, not_before: int, now: Callable[[], int]) -> Snapshot:
        """Return all items in progress; asks the server unless the last listing began at `not_before` or later."""
        # A listing from 21:00 is not used at 20:00: this machine's clock was set back since then.
        if self._snapshot is not None and not_before <= self._snapshot.read_at <= now():
            return self._snapshot
        self.journal.limit_to(self.libraries, now())
        # An item that left the listing was finished, cleared, deleted, or left out by mistake: only a read of the item
        # itself tells. The sessions are read with it, because a play passes through 0 when it begins.
        try:
            hub = await self.hub.look(now())
            listed = await self.server.in_progress()
            snapshot = self.hub.with_hidden(listed, hub)
            vanished = self.journal.vanished(snapshot)
            # Another server has none of the titles, or other ones under the same ids.
            if vanished or self._contradicted(snapshot):
                await self.server.confirm_identity()
            activity = await self._read_sessions() if vanished else None
            read = await self.server.states(vanished) if vanished else None
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        await self._observe(snapshot, read, set(activity or ()), now())
        self.hub.take_in(listed, hub)
        self._snapshot = snapshot
        self._activity = activity
        self._states = dict(snapshot.items)
        self._unknown = dict(snapshot.unknown)
        self._unasked = frozenset()
        self._found = {}
        self._read_at = {}
        self._libraries = {}
        self._skew_ms = snapshot.skew_ms
        if read is not None:
            self._overlay(read, vanished)
        return snapshot

    def _contradicted(self, snapshot: Snapshot) -> bool:
        """Tell whether an item of a snapshot is another title than the one that the journal knows by its id."""
        known = self.journal.entries
        # An item that is the same as in the last snapshot was compared then.
        changed = (
            state.item
            for item_id, state in snapshot.items.items()
            if item_id in known and ((before := self._states.get(item_id)) is None or before.item != state.item)
        )
        return any(self.journal.entry_of(item) is None for item in changed)

    async def _observe(self, snapshot: Snapshot, read: StateRead | None, active: set[str], now: int) -> None:
        """Enter a snapshot into the journal; 500 titles or more in a thread, so that the event loop goes on."""
        traits = self.server.traits
        if len(snapshot.items) < MANY:
            self.journal.observe(snapshot, read, active, traits, now)
            return
        # The thread works on a copy. If the journal changes meanwhile (another run finds the clock set back), the copy
        # is dropped, and the snapshot is entered anew.
        taken = False
        while not taken:
            base, later = self.journal.copy(), self.journal.copy()
            await asyncio.to_thread(later.observe, snapshot, read, active, traits, now)
            taken = self.journal.replace_if_unchanged(later, base)

    async def read_activity(self) -> None:
        """Read the sessions of this user, once for each snapshot."""
        if self._activity is None:
            try:
                self._activity = await self._read_sessions()
            except MediaServerError as error:
                raise AccountError(self.account_id, error) from error

    async def _read_sessions(self) -> Mapping[str, Activity]:
        """Return what this user plays or has paused, and note it as evidence; nothing where it cannot be read."""
        sessions = await self.server.open_sessions()
        if sessions is None:
            return {}
        self.journal.plays.note(sessions)
        return sessions.active

    async def read_states(
        self, item_ids: Collection[str], now: Callable[[], int], *, for_write: bool = False
    ) -> StateRead:
        """Read single items and enter them into the journal; `for_write`: they are about to be written.

        An item that is new to the journal may be the target of a first write: it is absent if the user may not see it.
        """
        try:
            read = await self.server.states(item_ids, for_write=for_write)
            gone = await self.server.withdrawn(read.items.keys() - self.journal.entries.keys())
            items = {item_id: state for item_id, state in read.items.items() if item_id not in gone}
            read = replace(read, items=items, absent=read.absent | gone)
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        self.journal.observe_states(read, set(self._activity or ()), self.server.traits, now())
        self._overlay(read, item_ids)
        return read

    async def read_libraries(self, item_ids: Collection[str]) -> None:
        """Learn in which libraries some items are; without any, nothing is asked."""
        if not item_ids:
            return
        try:
            self._libraries = {**self._libraries, **await self.server.libraries_of(item_ids)}
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error

    async def find(self, wanted: Collection[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return, by the id of each wanted item of another account, this account's items that share an external id."""
        try:
            found = await self.server.find(list(wanted))
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        self._found |= {item.item_id: item for items in found.values() for item in items}
        return found

    async def read_back(self, item_ids: Collection[str], hidden: Collection[str] = ()) -> StateRead:
        """Read items right after they were written, without concluding anything yet.

        `hidden` are those that were taken off the hub instead, and must not be on it any more.
        """
        try:
            read = await self.server.states(item_ids, for_write=True)
            return replace(read, items=await self.hub.confirm(read.items, hidden)) if hidden else read
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error

    def record_writes(self, read: StateRead, item_ids: Collection[str], now: Callable[[], int]) -> frozenset[str]:
        """Enter a read of items that were just written; return the ids of those that show the position written."""
        traits = self.server.traits
        shown = frozenset(
            item_id for item_id, state in read.items.items() if self.journal.record_write(state, read, traits, now())
        )
        # Another position than ours is a viewer's, who moved the item between the write and this read.
        others = {item_id: state for item_id, state in read.items.items() if item_id not in shown}
        rest = StateRead(others, frozenset(), read.read_at, read.skew_ms)
        self.journal.observe_states(rest, set(self._activity or ()), traits, now())
        self._overlay(read, item_ids)
        return shown

    async def not_shown(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return those of some items, in progress again, that the server's hub does not show.

        None where it cannot be asked: the positions are there all the same.
        """
        with suppress(MediaServerError):
            return await self.hub.missing(item_ids)
        return frozenset()

    @property
    def unasked(self) -> frozenset[str]:
        """The items that the server was not asked for in this round, although they were to be read."""
        return self._unasked

    def state(self, item_id: str) -> ItemState | None:
        """Return the state of an item as last read in this round; None where it was not read or does not exist."""
        return self._states.get(item_id)

    def item(self, item_id: str) -> Item | None:
        """Return an item as last told in this round, also where its position cannot be read; None: it is not there."""
        state, row = self._states.get(item_id), self._unknown.get(item_id)
        return state.item if state is not None else row.item if row is not None else None

    async def open_items(self) -> Collection[str] | None:
        """Ask which items this user has open now; None: that cannot be read."""
        try:
            sessions = await self.server.open_sessions()
        except MediaServerError:
            return None
        if sessions is None:
            return None
        self.journal.plays.note(sessions)
        return sessions.active

    def read_at(self, item_id: str) -> int:
        """Return when the read left that an item's state is from; 0: there was none."""
        listed_at = self._snapshot.read_at if self._snapshot is not None else 0
        return self._read_at.get(item_id, listed_at)

    def to_server_clock(self, time: int) -> int:
        """Return a time of this machine's clock on the server's clock, in whole seconds: all servers store those."""
        return (time + self._skew_ms) // 1000 * 1000

    def to_own_clock(self, server_time: int) -> int:
        """Return a time of the server's clock on this machine's clock."""
        return server_time - self._skew_ms

    def shelf(self) -> Shelf:
        """Return the items of a plan: all in progress, and all that the journal knows at 0 or lost."""
        copies = {
            item_id: self._known_copy(entry, entry.as_item(item_id), fresh=False)
            for item_id, entry in self.journal.entries.items()
            if not entry.position_ms and not entry.gone
        }
        copies |= {item_id: self._copy(state) for item_id, state in self._states.items()}
        copies |= {
            item_id: copy
            for item_id in self._unknown.keys() | self._unasked
            if (copy := self._unread_copy(item_id)) is not None
        }
        for item_id in self._libraries.keys() & copies.keys():
            copy = copies[item_id]
            copies[item_id] = replace(copy, item=replace(copy.item, library=self._libraries[item_id]))
        return Shelf(self.server.traits, copies, self.journal.started_at or 0, self.server.library_revision)

    def _copy(self, state: ItemState) -> Copy:
        """Return an item that was read in this round as a copy for a plan."""
        entry = self.journal.entry_of(state.item)
        activity = (self._activity or {}).get(state.item_id)
        if entry is None:
            return Copy(state.item, state.position_ms, None, state.watched, activity)
        # Noise: what was read counts, unless the account stands elsewhere.
        position_ms = state.position_ms if entry.is_shown else entry.place.position_ms
        copy = self._known_copy(entry, state.item, fresh=True)
        return replace(copy, position_ms=position_ms, watched=state.watched, activity=activity)

    def _known_copy(self, entry: Entry, item: Item, *, fresh: bool) -> Copy:
        """Return an item as the journal knows it as a copy for a plan."""
        return Copy(
            item,
            entry.place.position_ms,
            entry.edit,
            entry.watched,
            undone_at=entry.place.undone_at,
            fresh=fresh,
            shown_ms=entry.position_ms if entry.lost else None,
            lost=entry.lost,
            began=entry.began,
        )

    def _unread_copy(self, item_id: str) -> Copy | None:
        """Return an item that was not read in this round where it was last known to be; None: nothing names it."""
        row = self._unknown.get(item_id)
        why = Reason.NOT_VERIFIED if row is None else Reason.UNREADABLE
        told = self._found.get(item_id) if row is None or row.item is None else row.item
        entry = self.journal.entries.get(item_id) if told is None else self.journal.entry_of(told)
        if entry is None:
            return None if told is None else Copy(told, 0, None, unread=why)
        known = entry.as_item(item_id)
        item = known if told is None else replace(told, ids=told.ids or known.ids)
        return Copy(item, entry.place.position_ms, entry.edit, unread=why)

    def _overlay(self, read: StateRead, item_ids: Collection[str]) -> None:
        """Replace the states of the items that a read by ids answered; absent and unreadable ones are dropped."""
        self._states |= read.items
        self._read_at |= dict.fromkeys(read.items, read.read_at)
        told = read.items.keys() | read.absent | read.unknown.keys()
        self._unknown = {item_id: row for item_id, row in self._unknown.items() if item_id not in told}
        self._unknown |= read.unknown
        self._unasked = (self._unasked - told) | (frozenset(item_ids) - told)
        for item_id in read.absent | read.unknown.keys():
            self._states.pop(item_id, None)
