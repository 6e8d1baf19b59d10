"""One account during its runs: what was read of it in this round, and its journal."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ..journal.journal import Journal
from ..media_server import MediaServer, MediaServerError
from ..model import Activity, Item, ItemState, Snapshot, StateRead
from ..off_loop import MANY
from ..plan.decision import AccountError
from ..plan.scene import Copy, Shelf


class Account:
    """One user on one server.

    Its last snapshot serves every run that accepts its age; what is read later of single items is laid over it. Every
    method that asks the server raises `AccountError` from the server's error, and has then changed nothing.
    """

    def __init__(
        self, account_id: str, name: str, server: MediaServer, journal: Journal, libraries: Collection[str] = ()
    ) -> None:
        """Start without anything read. `libraries` are those that the server's listings are limited to; none: all."""
        self.account_id = account_id
        self.name = name
        self.server = server
        self.journal = journal
        self.libraries = tuple(libraries)
        self._saved = journal.copy()
        self._snapshot: Snapshot | None = None
        self._states: dict[str, ItemState] = {}
        self._unknown: set[str] = set()
        self._skew_ms = 0
        self._activity: Mapping[str, Activity] | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """The last complete read, with our later writes and reads of single items laid over it."""
        if self._snapshot is None:
            return None
        items = {item_id: state for item_id, state in self._states.items() if state.position_ms}
        return replace(self._snapshot, items=items)

    @property
    def unsaved(self) -> bool:
        """Whether the journal holds more than was saved last; when it was read last does not count."""
        return replace(self.journal, read_at=None) != replace(self._saved, read_at=None)

    def mark_saved(self) -> None:
        """Note that the journal was saved as it is now."""
        self._saved = self.journal.copy()

    def copy(self) -> Account:
        """Return an account that can be read and planned with, without a trace in this one."""
        other = Account(self.account_id, self.name, self.server, self.journal.copy(), self.libraries)
        other._snapshot = self._snapshot
        other._states = dict(self._states)
        other._unknown = set(self._unknown)
        other._skew_ms = self._skew_ms
        other._activity = self._activity
        return other

    async def read(self, not_before: int, now: Callable[[], int]) -> Snapshot:
        """Return what is in progress; asks the server unless the last read left at `not_before` or later.

        A read from the future is none: this machine's clock was set back since then.
        """
        if self._snapshot is not None and not_before <= self._snapshot.read_at <= now():
            return self._snapshot
        self.journal.limit_to(self.libraries, now())
        try:
            snapshot = await self.server.in_progress()
            vanished = self.journal.vanished(snapshot)
            activity = (await self.server.active_items() or {}) if vanished else None
            read = await self.server.states(vanished) if vanished else None
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        await self._observe(snapshot, read, set(activity or ()), now())
        self._snapshot = snapshot
        self._activity = activity
        self._states = dict(snapshot.items)
        self._unknown = set(snapshot.unknown)
        self._skew_ms = snapshot.skew_ms
        if read is not None:
            self._overlay(read)
        return snapshot

    async def _observe(self, snapshot: Snapshot, read: StateRead | None, active: set[str], now: int) -> None:
        """Take a snapshot into the journal; a large one into a copy, which then takes its place."""
        meaning = self.server.traits.date_meaning
        if len(snapshot.items) < MANY:
            self.journal.observe(snapshot, read, active, meaning, now)
            return
        taken = False
        while not taken:
            base, later = self.journal.copy(), self.journal.copy()
            await asyncio.to_thread(later.observe, snapshot, read, active, meaning, now)
            taken = self.journal.replace_if_unchanged(later, base)

    async def read_activity(self) -> None:
        """Read what this user is playing, once for each snapshot."""
        if self._activity is None:
            try:
                self._activity = await self.server.active_items() or {}
            except MediaServerError as error:
                raise AccountError(self.account_id, error) from error

    async def read_states(self, item_ids: Collection[str], now: Callable[[], int]) -> StateRead:
        """Read single items and take them into the journal."""
        try:
            read = await self.server.states(item_ids)
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        self.journal.observe_states(read, set(self._activity or ()), self.server.traits.date_meaning, now())
        self._overlay(read)
        return read

    async def find(self, wanted: Collection[Item]) -> Mapping[str, tuple[Item, ...]]:
        """Return, by the wanted item's id, this account's items that share an id with it."""
        try:
            return await self.server.find(list(wanted))
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error

    async def read_back(self, item_ids: Collection[str], now: Callable[[], int]) -> frozenset[str]:
        """Read items that were just written; return those that show what was written."""
        try:
            read = await self.server.states(item_ids)
        except MediaServerError as error:
            raise AccountError(self.account_id, error) from error
        meaning = self.server.traits.date_meaning
        shown = frozenset(
            item_id for item_id, state in read.items.items() if self.journal.record_write(state, read, meaning, now())
        )
        others = {item_id: state for item_id, state in read.items.items() if item_id not in shown}
        rest = StateRead(others, frozenset(), read.read_at, read.skew_ms)
        self.journal.observe_states(rest, set(self._activity or ()), meaning, now())
        self._overlay(read)
        return shown

    def state(self, item_id: str) -> ItemState | None:
        """Return an item as it was read last in this round."""
        return self._states.get(item_id)

    def to_server_clock(self, time: int) -> int:
        """Return a time of this machine on the server's clock, to the whole second that every server can store."""
        return (time + self._skew_ms) // 1000 * 1000

    def shelf(self) -> Shelf:
        """Return everything in progress, and everything known at 0, for a plan."""
        copies = {
            item_id: Copy(entry.as_item(item_id), 0, entry.edit, entry.watched, undone_at=entry.undone_at, fresh=False)
            for item_id, entry in self.journal.entries.items()
            if not entry.position_ms and not entry.gone
        }
        copies |= {item_id: self._copy(state) for item_id, state in self._states.items()}
        for item_id in self._unknown & self.journal.entries.keys():
            entry = self.journal.entries[item_id]
            copies[item_id] = Copy(entry.as_item(item_id), entry.position_ms, entry.edit, readable=False)
        return Shelf(self.server.traits, copies, self.journal.started_at or 0, self.server.library_revision)

    def _copy(self, state: ItemState) -> Copy:
        """Return an item that was read in this round, for a plan."""
        entry = self.journal.entries.get(state.item_id)
        activity = (self._activity or {}).get(state.item_id)
        edit, undone_at = (entry.edit, entry.undone_at) if entry else (None, None)
        return Copy(state.item, state.position_ms, edit, state.watched, activity, undone_at)

    def _overlay(self, read: StateRead) -> None:
        """Let what was read of single items stand over the snapshot."""
        self._states |= read.items
        self._unknown = (self._unknown - read.items.keys()) | set(read.unknown)
        for item_id in read.absent | read.unknown.keys():
            self._states.pop(item_id, None)
