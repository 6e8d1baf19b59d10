"""The journal of one account: for each item its last known position, and when a viewer left it there.

Server dates mislead, each kind of server in its own way, and our own writes look like edits. So the journal dates edits
by its own reads, and uses the server's date only inside the time that they leave open.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields, replace

from ..identity import agreement, contradicts, match_keys
from ..model import DateMeaning, Item, ItemState, Snapshot, StateRead
from ..serialization import Json, from_json, to_json
from .edit import DAY_MS, NOISE_MS, Edit, server_date
from .evidence import Sighting, echo, known, never_known
from .same_title import former_id, heirs, is_another_title, writes_on_copies
from .trail import Entry, Heard, Intent, UnseenWrites

KEPT_MS = 90 * DAY_MS
_HEARD_KEPT = 1000
_UNSEEN = tuple(one.name for one in fields(UnseenWrites))

_ECHO_MS = 15_000
"""The time after a write within which a server may report it by push."""


@dataclass(slots=True)
class Journal:
    """The entries of one account, and the writes to it that no read has shown yet.

    `started_at` and `read_at` are when the first requests of the first and of the last observed snapshot left.
    `libraries` are the server's ids of the libraries that the account is limited to; empty: no limit. `heard` holds the
    stops and pauses that push has reported and no read has shown yet, the last thousand at most.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    unseen: UnseenWrites = field(default_factory=UnseenWrites)
    read_at: int | None = None
    started_at: int | None = None
    libraries: tuple[str, ...] = ()
    heard: dict[str, Heard] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: object) -> Journal:
        """Restore a journal from JSON data; raises ValueError where it is not a journal."""
        if isinstance(data, dict):
            unseen = {name: data[name] for name in _UNSEEN if name in data}
            data = {name: value for name, value in data.items() if name not in unseen} | {"unseen": unseen}
        return from_json(cls, data)

    def to_dict(self) -> Json:
        """Return the journal as JSON-able data, the two fields of `unseen` beside its own."""
        data: Json = to_json(self)
        data.update(data.pop("unseen"))
        return data

    def copy(self) -> Journal:
        """Return an independent copy."""
        return replace(self, entries=dict(self.entries), unseen=self.unseen.copy(), heard=dict(self.heard))

    def replace_if_unchanged(self, later: Journal, base: Journal) -> bool:
        """Replace the content by that of `later`, a changed copy; tell whether that was possible.

        `base` is another copy, made at the same time and left as it was. Push messages may have come since then: they
        are taken over. If anything else has changed since, nothing is replaced.
        """
        if replace(self, heard={}) != replace(base, heard={}):
            return False
        for item_id in (*base.heard, *self.heard):
            if self.heard.get(item_id) is not base.heard.get(item_id):
                later.note_push(item_id, self.heard.get(item_id))
        for one in fields(self):
            setattr(self, one.name, getattr(later, one.name))
        return True

    def note_push(self, item_id: str, heard: Heard | None) -> None:
        """Note a stop or pause that push has reported; None: the playback goes on, which takes an earlier one back."""
        # Taken out first, so that a repeated one moves to the end: the oldest is dropped when there are too many.
        self.heard.pop(item_id, None)
        if heard is not None:
            self.heard[item_id] = heard
        if len(self.heard) > _HEARD_KEPT:
            del self.heard[next(iter(self.heard))]

    def is_ours(self, item_id: str, position_ms: int | None, now: int) -> bool:
        """Tell whether a push message reports the effect of our write; `position_ms` None: it has no position."""
        entry, intent = self.entries.get(item_id), self.unseen.latest(item_id)
        written = [one.position_ms for one in (intent,) if one is not None]
        if entry is not None and entry.written_at is not None and 0 <= now - entry.written_at < _ECHO_MS:
            written.append(entry.position_ms)
        return any(position_ms is None or abs(position_ms - one) < NOISE_MS for one in written)

    def entry_of(self, item: Item) -> Entry | None:
        """Return the entry of an item; None: it is unknown, or its id stood for another title."""
        entry = self.entries.get(item.item_id)
        return None if entry is None or is_another_title(item, entry) else entry

    def limit_to(self, libraries: Collection[str], now: int) -> None:
        """Limit the account to these libraries, by the server's ids; empty: no limit.

        A change makes every item count as gone until a read shows it again. Entries stay, nothing is concluded, and
        items outside the libraries are no longer asked for.
        """
        limit = tuple(sorted(libraries))
        if limit == self.libraries:
            return
        self.libraries = limit
        for item_id, entry in self.entries.items():
            self.entries[item_id] = replace(entry, gone=True, kept_until=max(entry.kept_until, now + KEPT_MS))

    def vanished(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the ids of items in progress that a snapshot leaves out. They must be read by id to learn why."""
        # An unreadable row without an id could be any of the missing items.
        if snapshot.nameless_rows:
            return frozenset()
        return frozenset(
            item_id
            for item_id, entry in self.entries.items()
            if entry.position_ms
            and not entry.gone
            and item_id not in snapshot.items
            and item_id not in snapshot.unknown
            and not self._written_since(item_id, snapshot.read_at)
        )

    def observe(
        self, snapshot: Snapshot, read: StateRead | None, active: Collection[str], meaning: DateMeaning, now: int
    ) -> None:
        """Take in one snapshot, and the read of the items that vanished from it. Each snapshot is observed once.

        `active` are the ids of items that a session of this account plays or has paused.
        """
        # First note the items that are gone: a new id continues an old item only if that is known.
        if read is not None:
            self._note_gone(read.absent, now)
            self._confirm_ids(read.items.values(), read.read_at, now)
        self._confirm_ids(snapshot.items.values(), snapshot.read_at, now)
        continued = heirs(snapshot.items.values(), self.entries, snapshot.items.keys())
        for state, intent in writes_on_copies(snapshot.items.values(), self.entries, self.unseen, meaning):
            self.unseen.intents[state.item_id] = intent
        judged = set()
        for item_id, state in snapshot.items.items():
            if not self._written_since(item_id, snapshot.read_at):
                heir_of = continued.get(item_id)
                self._take_in(self._sighting(state, snapshot.skew_ms, meaning, now, heir_of), heir_of)
                judged.add(item_id)
        if read is not None:
            judged |= self.observe_states(read, active, meaning, now)
        self._close_snapshot(snapshot, judged)
        # A write or a push message that no read has shown within a day never will be.
        self.unseen.drop_old(now)
        self.heard = {item_id: heard for item_id, heard in self.heard.items() if 0 <= now - heard.at < DAY_MS}
        self.started_at = snapshot.read_at if self.started_at is None else self.started_at
        self.read_at = snapshot.read_at

    def observe_states(
        self, read: StateRead, active: Collection[str], meaning: DateMeaning, now: int
    ) -> frozenset[str]:
        """Take in items that were read by their ids; return the ids of those whose state was taken in.

        `active` are the ids of items that a session of this account plays or has paused.
        """
        self._note_gone(read.absent, now)
        self._confirm_ids(read.items.values(), read.read_at, now)
        continued = heirs(read.items.values(), self.entries, read.items.keys())
        judged = set()
        for item_id, state in read.items.items():
            # A play passes through 0 at its start and at its end: 20:00 a viewer starts over, the server shows 0 ·
            # 20:10 it shows 10 min. Only the stop counts.
            playing_through_zero = item_id in active and not state.position_ms
            if playing_through_zero or self._written_since(item_id, read.read_at):
                continue
            heir_of = continued.get(item_id)
            # An item at 0, unwatched and new to the journal, was never touched: it stays unknown.
            if state.position_ms or state.watched or item_id in self.entries or heir_of is not None:
                self._take_in(self._sighting(state, read.skew_ms, meaning, now, heir_of), heir_of)
                self.entries[item_id] = replace(self.entries[item_id], seen_at=read.read_at)
                judged.add(item_id)
        return frozenset(judged)

    def record_write(self, state: ItemState, read: StateRead, meaning: DateMeaning, now: int) -> bool:
        """Take in a read right after a write; tell whether it shows the written position.

        If so, the position gets the source's edit. If not, nothing is concluded: the next observation judges the item.
        """
        intent = self.unseen.latest(state.item_id)
        if intent is None or not intent.stored_in(state) or contradicts(state.item, intent.keys):
            return False
        self.unseen.seen(state.item_id, intent)
        entry = echo(self._sighting(state, read.skew_ms, meaning, now), intent)
        self.entries[state.item_id] = replace(entry, seen_at=read.read_at)
        return True

    def redate(self, item_id: str, edit: Edit) -> None:
        """Give an item's position the time that was decided between two unordered edits; its cause stays."""
        entry = self.entries[item_id]
        self.entries[item_id] = replace(entry, edit=replace(edit, cause=entry.edit.cause))

    def attribute_to_viewer(self, item_id: str) -> None:
        """Treat the position that was just written as a viewer's edit on this account: a person set it by hand."""
        self.entries[item_id] = replace(self.entries[item_id], written_at=None, left=None, stood=())

    def keep(self, item_id: str, now: int) -> None:
        """Keep an entry at 0 for another 90 days from now, because the title is in progress on a paired account."""
        entry = self.entries.get(item_id)
        # Prolonged once a day at most, so that an idle round changes nothing and needs no save.
        if (
            entry
            and not entry.position_ms
            and max(entry.kept_until, entry.edit.latest + KEPT_MS) < now + KEPT_MS - DAY_MS
        ):
            self.entries[item_id] = replace(entry, kept_until=now + KEPT_MS)

    def prune(self, now: int) -> None:
        """Drop entries at 0, and of items that are gone, once their 90 days are over."""
        dropped = {
            item_id
            for item_id, entry in self.entries.items()
            if not entry.in_progress and max(entry.kept_until, entry.edit.latest + KEPT_MS) <= now
        }
        # A 0 stays while another copy of the title is in progress: the film was finished in HD, the 4K copy still
        # stands at 20 min from last year. Without the 0, those 20 min would come back.
        if dropped:
            alive = {key for entry in self.entries.values() if entry.in_progress for key in entry.keys}
            self.entries = {
                item_id: entry
                for item_id, entry in self.entries.items()
                if item_id not in dropped or (not entry.gone and entry.keys & alive)
            }

    def _confirm_ids(self, states: Iterable[ItemState], read_at: int, now: int) -> None:
        """Note as gone each known item whose id stands for another title now, with the writes expected of it."""
        for state in states:
            item_id, entry = state.item_id, self.entries.get(state.item_id)
            if self._written_since(item_id, read_at):
                continue
            if entry is not None and is_another_title(state.item, entry):
                former = former_id(item_id, entry.keys)
                self._note_gone([item_id], now)
                self.entries[former] = self.entries.pop(item_id)
                self.unseen.rename(item_id, former)
                self.heard.pop(item_id, None)
            # A write to an item that no read has shown yet.
            intent = self.unseen.latest(item_id)
            if intent is not None and contradicts(state.item, intent.keys):
                self.unseen.rename(item_id, former_id(item_id, intent.keys))

    def _note_gone(self, item_ids: Collection[str], now: int) -> None:
        """Note that the server does not have these items. Their entries stay for 90 days: libraries come back."""
        for item_id in item_ids:
            entry = self.entries.get(item_id)
            if entry is not None and not entry.gone:
                self.entries[item_id] = replace(entry, gone=True, kept_until=max(entry.kept_until, now + KEPT_MS))

    def _take_in(self, sighting: Sighting, heir_of: Entry | None) -> None:
        """Take in one read of one item; `heir_of` is the entry that it continues under a new id."""
        item_id = sighting.state.item_id
        intent = self._shown_intent(sighting)
        entry = self.entries.get(item_id, heir_of)
        # The read shows our write, perhaps a late one: the source's edit, no new one.
        if intent is not None:
            taken = echo(sighting, intent)
            self.unseen.seen(item_id, intent)
        elif entry is not None:
            # Cleared after a late write: 20:00 we write 17 min, which arrive unseen · 21:00 a viewer clears them. The 0
            # bears the date that we sent. It is new to the entry, but no play began then, so the title was not
            # restarted.
            dated_by_us = sighting.meaning is not DateMeaning.LAST_WRITE and self.unseen.dated(sighting.state)
            zeroed_after_us = dated_by_us and not sighting.state.position_ms
            taken = known(sighting, replace(entry, date=sighting.date) if zeroed_after_us else entry)
            # A viewer's edit is newer than every write that we still expect.
            if taken.edit != entry.edit:
                self.unseen.forget(item_id)
                self.heard.pop(item_id, None)
        else:
            taken = never_known(sighting)
        if taken != self.entries.get(item_id):
            self.entries[item_id] = taken

    def _shown_intent(self, sighting: Sighting) -> Intent | None:
        """Return our write that a read shows for the first time; None: it shows none."""
        item_id = sighting.state.item_id
        expected = self.unseen.of(item_id)
        # New id: 20:00 we write 80 min, unseen · 21:00 the file is replaced · 21:05 the new item shows 80 min.
        if item_id not in self.entries:
            keys = match_keys(sighting.state.item)
            expected += [intent for intent in self.unseen.intents.values() if agreement(keys, intent.keys) > 0]
        shown = next((intent for intent in expected if intent.shown_by(sighting.state, sighting.meaning)), None)
        return shown or self.unseen.clear_after_another(sighting.state)

    def _sighting(
        self, state: ItemState, skew_ms: int, meaning: DateMeaning, now: int, heir_of: Entry | None = None
    ) -> Sighting:
        """Return one read of an item, with the last sight of it and the push message that fits it."""
        entry = self.entries.get(state.item_id, heir_of)
        last_seen = self.read_at if entry is None or entry.seen_at is None else entry.seen_at
        heard = self.heard.get(state.item_id)
        heard_at = heard.at if heard is not None and heard.is_of(state) else None
        return Sighting(state, server_date(state, skew_ms), meaning, last_seen or 0, now, heard_at)

    def _written_since(self, item_id: str, read_at: int) -> bool:
        """Tell whether a read of an item is too early: it began before our last write, and may not show it."""
        # 20:00:00 the list is requested · 20:00:02 we write 80 min · 20:00:03 the list arrives and shows 20 min.
        entry = self.entries.get(item_id)
        intent = self.unseen.latest(item_id)
        return (entry is not None and entry.written_at is not None and entry.written_at >= read_at) or (
            intent is not None and intent.made_at >= read_at
        )

    def _close_snapshot(self, snapshot: Snapshot, judged: Collection[str]) -> None:
        """Note for each entry whether this snapshot was a sight of it; `judged` are the items that it showed."""
        for item_id, entry in self.entries.items():
            # A list holds only items in progress, so a complete one that leaves out an item shows it at 0.
            absent_at_zero = not entry.position_ms and item_id not in snapshot.unknown and not snapshot.nameless_rows
            if item_id in judged or absent_at_zero:
                # None stands for the last snapshot, so that an idle round changes no entry.
                seen_at = entry.seen_at if entry.seen_at is not None and entry.seen_at > snapshot.read_at else None
            else:
                seen_at = entry.seen_at if entry.seen_at is not None else self.read_at
            if seen_at != entry.seen_at:
                self.entries[item_id] = replace(entry, seen_at=seen_at)
