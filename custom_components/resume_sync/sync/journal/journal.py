"""The journal of one account: for each item its last known position and when a human last moved it.

Server dates lie, each kind of server in its own way, and our own writes look like edits. The journal dates what humans
did by our own reads, with the server's date only inside the time that these leave open.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace

from ..identity import agreement, match_keys
from ..model import DateMeaning, ItemState, Snapshot, StateRead
from ..serialization import Json, from_json, to_json
from .edit import DAY_MS, NOISE_MS, Edit, server_date
from .evidence import Sighting, echo, known, never_known
from .same_title import heirs, writes_on_copies
from .trail import Entry, Heard, Intent, UnseenWrites

KEPT_MS = 90 * DAY_MS
_HEARD_KEPT = 1000
_UNSEEN = tuple(one.name for one in fields(UnseenWrites))

_ECHO_MS = 15_000
"""How long after a write servers may tell of it."""


@dataclass(slots=True)
class Journal:
    """The entries of one account, and the writes to it whose effect has not been seen yet.

    `read_at` is when the last observed snapshot's first request left; `started_at` when the first one's did.
    `libraries` are those that the account is limited to, by the server's ids; none: all. `heard` are stops and pauses
    that the server told of by itself, until a read shows them, the last thousand at most.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    unseen: UnseenWrites = field(default_factory=UnseenWrites)
    read_at: int | None = None
    started_at: int | None = None
    libraries: tuple[str, ...] = ()
    heard: dict[str, Heard] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: object) -> Journal:
        """Restore a journal; raises ValueError where the data is no journal."""
        if isinstance(data, dict):
            unseen = {name: data[name] for name in _UNSEEN if name in data}
            data = {name: value for name, value in data.items() if name not in unseen} | {"unseen": unseen}
        return from_json(cls, data)

    def to_dict(self) -> Json:
        """Return the journal as JSON-able data, the unseen writes flat in it."""
        data: Json = to_json(self)
        data.update(data.pop("unseen"))
        return data

    def copy(self) -> Journal:
        """Return a journal that can change without this one."""
        return replace(self, entries=dict(self.entries), unseen=self.unseen.copy(), heard=dict(self.heard))

    def become(self, later: Journal, base: Journal) -> bool:
        """Become what a copy of this journal turned into, with what was heard meanwhile; `base` is as it was copied.

        Returns False, and leaves this as it is, where anything else has changed since.
        """
        if replace(self, heard={}) != replace(base, heard={}):
            return False
        for item_id in (*base.heard, *self.heard):
            if self.heard.get(item_id) is not base.heard.get(item_id):
                later.hear(item_id, self.heard.get(item_id))
        for one in fields(self):
            setattr(self, one.name, getattr(later, one.name))
        return True

    def hear(self, item_id: str, heard: Heard | None) -> None:
        """Note that a playback stopped or paused as the server told, or None: that it goes on."""
        self.heard.pop(item_id, None)
        if heard is not None:
            self.heard[item_id] = heard
        if len(self.heard) > _HEARD_KEPT:
            del self.heard[next(iter(self.heard))]

    def is_ours(self, item_id: str, position_ms: int | None, now: int) -> bool:
        """Tell whether what a server tells of an item is the effect of a write of ours; None: it tells no position."""
        entry, intent = self.entries.get(item_id), self.unseen.latest(item_id)
        written = [one.position_ms for one in (intent,) if one is not None]
        if entry is not None and entry.written_at is not None and 0 <= now - entry.written_at < _ECHO_MS:
            written.append(entry.position_ms)
        return any(position_ms is None or abs(position_ms - one) < NOISE_MS for one in written)

    def limit_to(self, libraries: Collection[str], now: int) -> None:
        """Limit the account to some libraries, none for all.

        When that changes, every item counts as gone until a read shows it again: what is known of it stays, nothing is
        concluded, and items outside of the libraries are no longer asked for.
        """
        limit = tuple(sorted(libraries))
        if limit == self.libraries:
            return
        self.libraries = limit
        for item_id, entry in self.entries.items():
            self.entries[item_id] = replace(entry, gone=True, kept_until=max(entry.kept_until, now + KEPT_MS))

    def vanished(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the items known in progress that a snapshot leaves out, although it could tell: to be read again."""
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
        """Take in one snapshot, with the state read of what vanished from it. Each snapshot is observed once.

        `active` are the items that a session of this account plays or has paused: their zeros mean nothing yet.
        """
        if read is not None:
            self._note_gone(read.absent, now)
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
        self.unseen.drop_old(now)
        self.heard = {item_id: heard for item_id, heard in self.heard.items() if 0 <= now - heard.at < DAY_MS}
        self.started_at = snapshot.read_at if self.started_at is None else self.started_at
        self.read_at = snapshot.read_at

    def observe_states(
        self, read: StateRead, active: Collection[str], meaning: DateMeaning, now: int
    ) -> frozenset[str]:
        """Take in items that were read by their ids; return those there are of which something could be concluded.

        Items at 0 that the journal never knew and nobody finished stay unknown: nobody is known to have touched them.
        """
        self._note_gone(read.absent, now)
        continued = heirs(read.items.values(), self.entries, read.items.keys())
        judged = set()
        for item_id, state in read.items.items():
            playing_through_zero = item_id in active and not state.position_ms
            if playing_through_zero or self._written_since(item_id, read.read_at):
                continue
            heir_of = continued.get(item_id)
            if state.position_ms or state.watched or item_id in self.entries or heir_of is not None:
                self._take_in(self._sighting(state, read.skew_ms, meaning, now, heir_of), heir_of)
                self.entries[item_id] = replace(self.entries[item_id], seen_at=read.read_at)
                judged.add(item_id)
        return frozenset(judged)

    def record_write(self, state: ItemState, read: StateRead, meaning: DateMeaning, now: int) -> bool:
        """Take in what a read shows right after a write was sent; tell whether it shows the position written.

        If so, the position carries the source's edit. If not, whatever it shows is seen by the next observation.
        """
        intent = self.unseen.latest(state.item_id)
        if intent is None or not intent.stored_in(state):
            return False
        self.unseen.seen(state.item_id, intent)
        entry = echo(self._sighting(state, read.skew_ms, meaning, now), intent)
        self.entries[state.item_id] = replace(entry, seen_at=read.read_at)
        return True

    def redate(self, item_id: str, edit: Edit) -> None:
        """Give an item's position another time, decided between two edits without an order."""
        entry = self.entries[item_id]
        self.entries[item_id] = replace(entry, edit=replace(edit, cause=entry.edit.cause))

    def made_by_hand(self, item_id: str) -> None:
        """Note that the position just written is a human's decision on this account, not another account's."""
        self.entries[item_id] = replace(self.entries[item_id], written_at=None, left=None, stood=())

    def keep(self, item_id: str, now: int) -> None:
        """Keep an entry at 0 for another 90 days, because the title is in progress elsewhere."""
        entry = self.entries.get(item_id)
        if (
            entry
            and not entry.position_ms
            and max(entry.kept_until, entry.edit.latest + KEPT_MS) < now + KEPT_MS - DAY_MS
        ):
            self.entries[item_id] = replace(entry, kept_until=now + KEPT_MS)

    def prune(self, now: int) -> None:
        """Drop entries at 0, or of items that are gone, which nothing has needed for 90 days.

        A 0 is needed as long as another copy of the title is in progress.
        """
        dropped = {
            item_id
            for item_id, entry in self.entries.items()
            if not entry.in_progress and max(entry.kept_until, entry.edit.latest + KEPT_MS) <= now
        }
        if dropped:
            alive = {key for entry in self.entries.values() if entry.in_progress for key in entry.keys}
            self.entries = {
                item_id: entry
                for item_id, entry in self.entries.items()
                if item_id not in dropped or (not entry.gone and entry.keys & alive)
            }

    def _note_gone(self, item_ids: Collection[str], now: int) -> None:
        """Note that the server does not have these items."""
        for item_id in item_ids:
            entry = self.entries.get(item_id)
            if entry is not None and not entry.gone:
                self.entries[item_id] = replace(entry, gone=True, kept_until=max(entry.kept_until, now + KEPT_MS))

    def _take_in(self, sighting: Sighting, heir_of: Entry | None) -> None:
        """Make one read of one item part of the journal."""
        item_id = sighting.state.item_id
        intent = self._shown_intent(sighting)
        entry = self.entries.get(item_id, heir_of)
        if intent is not None:
            taken = echo(sighting, intent)
            self.unseen.seen(item_id, intent)
        elif entry is not None:
            dated_by_us = sighting.meaning is not DateMeaning.LAST_WRITE and self.unseen.dated(sighting.state)
            zeroed_after_us = dated_by_us and not sighting.state.position_ms
            taken = known(sighting, replace(entry, date=sighting.date) if zeroed_after_us else entry)
            if taken.edit != entry.edit:
                self.unseen.forget(item_id)
                self.heard.pop(item_id, None)
        else:
            taken = never_known(sighting)
        if taken != self.entries.get(item_id):
            self.entries[item_id] = taken

    def _shown_intent(self, sighting: Sighting) -> Intent | None:
        """Return the write of ours that a read shows for the first time."""
        item_id = sighting.state.item_id
        expected = self.unseen.of(item_id)
        if item_id not in self.entries:
            keys = match_keys(sighting.state.item)
            expected += [intent for intent in self.unseen.intents.values() if agreement(keys, intent.keys) > 0]
        shown = next((intent for intent in expected if intent.shown_by(sighting.state, sighting.meaning)), None)
        return shown or self.unseen.clear_after_another(sighting.state)

    def _sighting(
        self, state: ItemState, skew_ms: int, meaning: DateMeaning, now: int, heir_of: Entry | None = None
    ) -> Sighting:
        """Return a read of an item with the time when it, or what it continues, was last seen before."""
        entry = self.entries.get(state.item_id, heir_of)
        last_seen = self.read_at if entry is None or entry.seen_at is None else entry.seen_at
        heard = self.heard.get(state.item_id)
        heard_at = heard.at if heard is not None and heard.is_of(state) else None
        return Sighting(state, server_date(state, skew_ms), meaning, last_seen or 0, now, heard_at)

    def _written_since(self, item_id: str, read_at: int) -> bool:
        """Tell whether we wrote to an item after a read of it had begun, so that the read tells nothing of it."""
        entry = self.entries.get(item_id)
        intent = self.unseen.latest(item_id)
        return (entry is not None and entry.written_at is not None and entry.written_at >= read_at) or (
            intent is not None and intent.made_at >= read_at
        )

    def _close_snapshot(self, snapshot: Snapshot, judged: Collection[str]) -> None:
        """Note for each entry whether this snapshot showed it as it is known."""
        for item_id, entry in self.entries.items():
            absent_at_zero = not entry.position_ms and item_id not in snapshot.unknown and not snapshot.nameless_rows
            if item_id in judged or absent_at_zero:
                seen_at = entry.seen_at if entry.seen_at is not None and entry.seen_at > snapshot.read_at else None
            else:
                seen_at = entry.seen_at if entry.seen_at is not None else self.read_at
            if seen_at != entry.seen_at:
                self.entries[item_id] = replace(entry, seen_at=seen_at)
