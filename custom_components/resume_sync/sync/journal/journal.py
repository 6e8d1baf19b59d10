"""The journal of one account: for each item the place where it stands, and when a human left it there.

Server dates mislead, each kind of server in its own way, and our own writes look like edits. So the journal dates edits
by its own reads, and uses the server's date only inside the time that they leave open.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields, replace

from ..identity import agreement, contradicts, match_keys
from ..model import Item, ItemState, ServerTraits, Snapshot, StateRead
from ..serialization import NOT_STORED, Json, from_json, to_json
from .edit import DAY_MS, NOISE_MS, Cause, Edit, server_date
from .evidence import echo, judge
from .expected import ExpectedWrites
from .mass_zeros import zeroed_together
from .plays import Plays
from .same_title import former_id, heirs, is_another_title, writes_on_copies
from .sighting import Sighting
from .trail import Entry, Heard, Lost, Write

KEPT_MS = 90 * DAY_MS
_HEARD_KEPT = 1000

_ECHO_MS = 15_000
"""The time after a write within which a server may report it by push."""


def _nobody() -> Iterable[Journal]:
    """Return the journals that an account shares its watched marks with: none."""
    return ()


@dataclass(slots=True)
class Journal:
    """The entries of one account, and the writes to it that no read has shown yet.

    `started_at` and `read_at` are when the first requests of the first and of the last observed snapshot left.
    `libraries` are the server's ids of the libraries that the account is limited to; empty: no limit. `heard` holds the
    stops, pauses and marks that push has told and no read has shown yet, the last thousand at most. `plays` are not
    stored, nor is `kin`: the journals of the user's accounts on other servers that share watched marks with this one.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    unseen: ExpectedWrites = field(default_factory=ExpectedWrites)
    read_at: int | None = None
    started_at: int | None = None
    libraries: tuple[str, ...] = ()
    heard: dict[str, Heard] = field(default_factory=dict)
    plays: Plays = field(default_factory=Plays, compare=False, repr=False, metadata=NOT_STORED)
    kin: Callable[[], Iterable[Journal]] = field(default=_nobody, compare=False, repr=False, metadata=NOT_STORED)

    @classmethod
    def from_dict(cls, data: object) -> Journal:
        """Restore a journal from JSON data; raises ValueError where it is not a journal."""
        return from_json(cls, data)

    def to_dict(self) -> Json:
        """Return the journal as JSON-able data."""
        data: Json = to_json(self)
        return data

    def copy(self) -> Journal:
        """Return an independent copy."""
        return replace(
            self,
            entries=dict(self.entries),
            unseen=self.unseen.copy(),
            heard=dict(self.heard),
            plays=self.plays.copy(),
        )

    def replace_if_unchanged(self, later: Journal, base: Journal) -> bool:
        """Replace the content by that of `later`, a changed copy; tell whether that was possible.

        `base` is another copy, made at the same time and left as it was. Push messages and news of sessions may have
        come since then: they are taken over. If anything else has changed since, nothing is replaced.
        """
        if replace(self, heard={}) != replace(base, heard={}):
            return False
        for item_id in (*base.heard, *self.heard):
            if self.heard.get(item_id) is not base.heard.get(item_id):
                later.note_push(item_id, self.heard.get(item_id))
        later.plays = self.plays
        for one in fields(self):
            setattr(self, one.name, getattr(later, one.name))
        return True

    def note_push(self, item_id: str, heard: Heard | None) -> None:
        """Note what push has told of an item; None: the playback goes on, which takes an earlier stop back."""
        # Taken out first, so that a repeated one moves to the end: the oldest is dropped when there are too many.
        self.heard.pop(item_id, None)
        if heard is not None:
            self.heard[item_id] = heard
        if len(self.heard) > _HEARD_KEPT:
            del self.heard[next(iter(self.heard))]

    def heard_since(self, item_id: str, time: int) -> bool:
        """Tell whether something was told of an item after a time that no read has shown yet, or a play has ended."""
        heard = self.heard.get(item_id)
        ended = (play.ended_at for play in self.plays.of(item_id) if play.ended_at is not None)
        return (heard is not None and heard.at > time) or any(at > time for at in ended)

    def is_ours(self, item_id: str, position_ms: int | None, now: int) -> bool:
        """Tell whether a push message reports the effect of our write; `position_ms` None: it has no position."""
        entry, write = self.entries.get(item_id), self.unseen.latest(item_id)
        written = [one.place for one in (write,) if one is not None]
        if entry is not None and entry.written_at is not None and 0 <= now - entry.written_at < _ECHO_MS:
            written.append(entry.place)
        return any(position_ms is None or place.is_at(position_ms, NOISE_MS - 1) for place in written)

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
            if entry.in_progress
            and item_id not in snapshot.items
            and item_id not in snapshot.unknown
            and not self._written_since(item_id, snapshot.read_at)
        )

    def observe(
        self, snapshot: Snapshot, read: StateRead | None, active: Collection[str], traits: ServerTraits, now: int
    ) -> None:
        """Take in one snapshot, and the read of the items that vanished from it. Each snapshot is observed once.

        `active` are the ids of items that a session of this account plays or has paused.
        """
        # First note the items that are gone: a new id continues an old item only if that is known.
        if read is not None:
            self._note_gone(read.absent, now)
            self._confirm_ids(read.items.values(), read.read_at, now)
        self._confirm_ids(snapshot.items.values(), snapshot.read_at, now)
        # A list never judges a 0: what it shows there is a ghost (Jellyfin 12).
        listed = [state for state in snapshot.items.values() if state.position_ms]
        judged = {
            one.state.item_id for one in self._sightings(listed, snapshot, active, traits, now) if self._take_in(one)
        }
        if read is not None:
            judged |= self.observe_states(read, active, traits, now)
        self._close_snapshot(snapshot, judged)
        # A write or a push message that no read has shown within a day never will be.
        self.unseen.drop_old(now)
        self.heard = {item_id: heard for item_id, heard in self.heard.items() if 0 <= now - heard.at < DAY_MS}
        self.started_at = snapshot.read_at if self.started_at is None else self.started_at
        self.read_at = snapshot.read_at

    def observe_states(
        self, read: StateRead, active: Collection[str], traits: ServerTraits, now: int
    ) -> frozenset[str]:
        """Take in items that were read by their ids; return the ids of those whose state was taken in.

        `active` are the ids of items that a session of this account plays or has paused.
        """
        self._note_gone(read.absent, now)
        self._confirm_ids(read.items.values(), read.read_at, now)
        sightings = self._sightings(read.items.values(), read, active, traits, now)
        before = sum(entry.in_progress for entry in self.entries.values())
        together = zeroed_together(sightings, before)
        judged = set()
        for one in sightings:
            state = one.state
            # An item at 0, unwatched and new to the journal, was never touched: it stays unknown.
            touched = state.position_ms or state.watched or one.entry is not None
            sighting = replace(one, one_of_many=True) if state.item_id in together else one
            if touched and self._take_in(sighting):
                self.entries[state.item_id] = replace(self.entries[state.item_id], seen_at=read.read_at)
                judged.add(state.item_id)
        return frozenset(judged)

    def record_write(self, state: ItemState, read: StateRead, traits: ServerTraits, now: int) -> bool:
        """Take in a read right after a write; tell whether it shows the written position.

        If so, the position gets the source's edit. If not, nothing is concluded: the next observation judges the item.
        """
        write = self.unseen.latest(state.item_id)
        if write is None or not write.place.is_shown_by(state) or contradicts(state.item, write.keys):
            return False
        self.unseen.seen(state.item_id, write)
        (sighting,) = self._sightings([state], read, (), traits, now)
        self.entries[state.item_id] = replace(echo(sighting, write), seen_at=read.read_at)
        return True

    def redate(self, item_id: str, edit: Edit) -> None:
        """Give an item's place the time that was decided between two unordered edits; its cause stays."""
        entry = self.entries[item_id]
        place = replace(entry.place, edit=replace(edit, cause=entry.edit.cause))
        self.entries[item_id] = replace(entry, place=place)

    def attribute_to_viewer(self, item_id: str) -> None:
        """Treat the position that was just written as a viewer's edit on this account: a person set it by hand."""
        entry = self.entries[item_id]
        self.entries[item_id] = replace(entry, place=replace(entry.place, written_at=None), before=())

    def held(self) -> dict[str, Entry]:
        """Return the entries whose zeros came together with many others, and wait for an answer."""
        return {item_id: entry for item_id, entry in self.entries.items() if entry.lost is Lost.HELD and not entry.gone}

    def answer_held(self, item_ids: Collection[str], *, meant: bool, now: int) -> None:
        """Settle zeros that came together: they were meant, made up to `now`, or their places are to be given back."""
        for item_id, entry in self.held().items():
            if item_id in item_ids:
                edit = Edit(
                    max(self.read_at or 0, entry.edit.latest + 1), max(now, entry.edit.latest + 1), Cause.CLEARED
                )
                cleared = replace(entry, place=replace(entry.place, position_ms=0, edit=edit), lost=None, before=())
                self.entries[item_id] = cleared if meant else replace(entry, lost=Lost.LOST)

    def choose(self, item_id: str, at: int) -> None:
        """Let an item's place count as left at a time: a person chose it over that of another account."""
        entry = self.entries[item_id]
        self.entries[item_id] = replace(entry, place=replace(entry.place, edit=Edit(at, at)), began=None)

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
            write = self.unseen.latest(item_id)
            if write is not None and contradicts(state.item, write.keys):
                self.unseen.rename(item_id, former_id(item_id, write.keys))

    def _note_gone(self, item_ids: Collection[str], now: int) -> None:
        """Note that the server does not have these items. Their entries stay for 90 days: libraries come back."""
        for item_id in item_ids:
            entry = self.entries.get(item_id)
            if entry is not None and not entry.gone:
                self.entries[item_id] = replace(entry, gone=True, kept_until=max(entry.kept_until, now + KEPT_MS))

    def _sightings(
        self,
        states: Collection[ItemState],
        read: Snapshot | StateRead,
        active: Collection[str],
        traits: ServerTraits,
        now: int,
    ) -> list[Sighting]:
        """Return the items of one read, each beside all that is known around it."""
        continued = heirs(states, self.entries, read.items.keys())
        on_copies: dict[str, list[Write]] = {}
        if isinstance(read, Snapshot):
            for item_id, write in writes_on_copies(states, self.entries, self.unseen.writes, traits.date_meaning):
                on_copies.setdefault(item_id, []).append(write)
        sightings = []
        for state in states:
            item_id = state.item_id
            entry = self.entries.get(item_id) or continued.get(item_id)
            last_seen = (self.read_at if entry is None or entry.seen_at is None else entry.seen_at) or 0
            heard = self.heard.get(item_id)
            sightings.append(
                Sighting(
                    state=state,
                    date=server_date(state, read.skew_ms),
                    traits=traits,
                    requested_at=read.read_at,
                    last_seen=last_seen,
                    now=now,
                    entry=entry,
                    writes=(*self._expected_of(state), *on_copies.get(item_id, ())),
                    plays=self.plays.since(item_id, last_seen),
                    sessions_heard=self.plays.heard(last_seen),
                    sessions_looked_at=self.plays.looked(last_seen),
                    heard=heard if heard is not None and heard.is_of(state) else None,
                    on_hub_at=read.hidden_after.get(item_id) if isinstance(read, Snapshot) else None,
                    playing=item_id in active,
                    finished_elsewhere=self._finished_elsewhere(state, entry),
                )
            )
        return sightings

    def _finished_elsewhere(self, state: ItemState, entry: Entry | None) -> Edit | None:
        """Return a finish of a title on an account of the same user that is later than the item's last edit."""
        if entry is None or entry.watched or not state.watched or state.position_ms:
            return None
        keys = match_keys(state.item)
        others = [
            other
            for journal in self.kin()
            for other in journal.entries.values()
            if agreement(keys, other.keys) > 0 and (other.watched or other.edit.cause is Cause.FINISHED)
        ]
        # Hidden here because of that finish: its mark comes over later, when the other one may be watched again.
        if others and entry.edit.cause is Cause.FINISHED:
            return entry.edit
        # Begun anew since, perhaps, and written here: 20:00 finished · 21:00 another account writes its 20 min.
        left = (place.edit for other in others for place in (other.place, *other.before))
        edits = [edit for edit in left if edit.cause is Cause.FINISHED and edit.later_than(entry.edit)]
        return max(edits, key=lambda edit: edit.latest, default=None)

    def _expected_of(self, state: ItemState) -> tuple[Write, ...]:
        """Return the writes that a read of an item may show for the first time."""
        expected = self.unseen.of(state.item_id)
        if state.item_id in self.entries or not self.unseen.writes:
            return expected
        # New id: 20:00 we write 80 min, unseen · 21:00 the file is replaced · 21:05 the new item shows 80 min.
        keys = match_keys(state.item)
        latest = (writes[0] for writes in self.unseen.writes.values())
        return (*expected, *(write for write in latest if agreement(keys, write.keys) > 0))

    def _take_in(self, sighting: Sighting) -> bool:
        """Take in one read of one item; return False where it tells nothing."""
        item_id, taken = sighting.state.item_id, judge(sighting)
        if taken is None:
            return False
        before = self.entries.get(item_id)
        write = sighting.shown_write
        if write is not None:
            self.unseen.seen(item_id, write)
        # A viewer's edit is newer than every write that we still expect.
        elif sighting.entry is not None and taken.edit != sighting.entry.edit:
            self.unseen.forget(item_id)
            self.heard.pop(item_id, None)
        if taken != before:
            self.entries[item_id] = taken
        return True

    def _written_since(self, item_id: str, read_at: int) -> bool:
        """Tell whether a read of an item is too early: it began before our last write, and may not show it."""
        entry, write = self.entries.get(item_id), self.unseen.latest(item_id)
        return (entry is not None and entry.written_at is not None and entry.written_at >= read_at) or (
            write is not None and write.made_at >= read_at
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
