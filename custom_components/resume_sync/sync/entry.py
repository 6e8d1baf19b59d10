"""What the journal holds of one item, and what one read of that item makes of it."""

from dataclasses import dataclass, replace

from .edit import DATE_TOLERANCE_MS, NOISE_MS, Cause, Edit, ServerDate, Zeroed, first_sight, move, unseen_finish, zero
from .identity import match_keys
from .model import DateMeaning, Item, ItemState, MediaKind

_STORED_TOLERANCE_MS = 1_000
"""Servers may store a position to the second."""

_STOOD_KEPT = 3
_LEAST_KEPT_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Left:
    """Where a viewer last left an item on this account, before we wrote to it.

    Position 0: in a play that the server's minimum left without a position. Its app may still be open, and what it
    reports when it closes is no wish to clear what we wrote meanwhile.
    """

    position_ms: int
    edit: Edit


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one item.

    `dated_position_ms` is the position that the edit was dated at: noise is measured from there. `date` is that of the
    latest play, which began at `play_from_ms`. `seen_at` is when the item was last seen as it is here; None: in the
    journal's last snapshot. `written_at`, `left` and `stood` are set while the position is one that we wrote; `stood`
    are earlier ones that we wrote, latest first: apps may have been opened there. `gone`: the server did not have the
    item when it was last asked for it. `undone_at`: somebody put back this position then.
    """

    kind: MediaKind
    keys: frozenset[str]
    position_ms: int
    dated_position_ms: int
    edit: Edit
    watched: bool = False
    date: ServerDate | None = None
    duration_ms: int | None = None
    play_from_ms: int = 0
    seen_at: int | None = None
    written_at: int | None = None
    left: Left | None = None
    gone: bool = False
    undone_at: int | None = None
    kept_until: int = 0
    stood: tuple[Left, ...] = ()

    @property
    def left_by_viewer(self) -> Left | None:
        """Where a viewer last left the item, looking past our own writes."""
        if self.written_at is not None:
            return self.left
        return Left(self.position_ms, self.edit) if self.position_ms else None

    @property
    def written_before(self) -> tuple[Left, ...]:
        """Where our writes had left the item, once this position is replaced too."""
        if self.written_at is None or not self.position_ms:
            return ()
        return (Left(self.position_ms, self.edit), *self.stood)[:_STOOD_KEPT]

    @property
    def in_progress(self) -> bool:
        """Whether the item is there with a position above 0."""
        return self.position_ms > 0 and not self.gone

    def intent_for_copy(self, left: Left | None, *, watched: bool) -> Intent:
        """Return this entry's write as it would show on another copy of the title, which a viewer left there."""
        return Intent(
            position_ms=self.position_ms,
            edit=self.edit,
            made_at=self.written_at or 0,
            sent_date_server_ms=self.date.server_ms if self.date else None,
            watched=watched,
            left=left,
            stood=self.stood,
            undone_at=self.undone_at,
        )

    def as_item(self, item_id: str) -> Item:
        """Return the item, as far as the journal knows it."""
        return Item(item_id, self.kind, "", self.keys, duration_ms=self.duration_ms)


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that is about to be sent: what a later read must show for it to be ours and no human's.

    `keys` name its title: the write is ours under a new id too.
    """

    position_ms: int
    edit: Edit
    made_at: int
    sent_date_server_ms: int | None = None
    watched: bool = False
    left: Left | None = None
    undone_at: int | None = None
    keys: frozenset[str] = frozenset()
    stood: tuple[Left, ...] = ()

    def stored_in(self, state: ItemState) -> bool:
        """Tell whether a read shows the position of this write."""
        return abs(state.position_ms - self.position_ms) <= _STORED_TOLERANCE_MS

    def shown_by(self, state: ItemState, meaning: DateMeaning) -> bool:
        """Tell whether a read shows this write: its position, the date sent with it, the watched mark as it was."""
        if not self.stored_in(state) or state.watched is not self.watched:
            return False
        if meaning is DateMeaning.LAST_WRITE or self.sent_date_server_ms is None:
            return meaning is DateMeaning.LAST_WRITE or state.last_played_server_ms is None
        return self.dated(state)

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date that was sent with this write."""
        sent, date = self.sent_date_server_ms, state.last_played_server_ms
        return sent is not None and date is not None and abs(date - sent) <= DATE_TOLERANCE_MS


def opened_at(one: Entry | Intent) -> tuple[Left, ...]:
    """Return where apps may have been opened before our write: where a viewer had left the item, and where we had."""
    return (one.left, *one.stood) if one.left else one.stood


@dataclass(frozen=True, slots=True)
class Heard:
    """A stop or a pause that the server told of by itself: when, and where; `position_ms` None: it did not say."""

    at: int
    position_ms: int | None = None

    def is_of(self, state: ItemState) -> bool:
        """Tell whether a read shows what was told of: a finish by its mark, unless that was near the start."""
        if not state.position_ms:
            near_the_start = self.position_ms is not None and self.position_ms * 2 < (state.item.duration_ms or 0)
            return state.watched and not near_the_start
        return self.position_ms is None or abs(self.position_ms - state.position_ms) < NOISE_MS


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of one item: its state, its date on both clocks, when it was last seen before, and the time now.

    `heard_at`: when the server told of what this read shows; None: it did not.
    """

    state: ItemState
    date: ServerDate | None
    meaning: DateMeaning
    last_seen: int
    now: int
    heard_at: int | None = None

    def is_played_since(self, entry: Entry) -> bool:
        """Tell whether the server dates a later play than the one that is known."""
        return self.date is not None and self.date.newer_than(entry.date)

    def at_its_moment(self, edit: Edit, within: Edit) -> Edit:
        """Return an edit at the moment when the server told of it, if that is within the time left open."""
        if self.heard_at is None or not within.earliest <= self.heard_at <= within.latest:
            return edit
        return replace(edit, earliest=self.heard_at, latest=self.heard_at)


def new_entry(sighting: Sighting, edit: Edit) -> Entry:
    """Return an entry for an item as it was just read."""
    state = sighting.state
    return Entry(
        kind=state.item.kind,
        keys=match_keys(state.item),
        position_ms=state.position_ms,
        dated_position_ms=state.position_ms,
        edit=edit,
        watched=state.watched,
        date=sighting.date,
        duration_ms=state.item.duration_ms,
        play_from_ms=state.position_ms,
    )


def echo(sighting: Sighting, intent: Intent) -> Entry:
    """Return the entry of an item that shows our write: the edit is the source's."""
    written = new_entry(sighting, intent.edit)
    return replace(written, written_at=intent.made_at, left=intent.left, stood=intent.stood, undone_at=intent.undone_at)


def never_known(sighting: Sighting) -> Entry:
    """Return the entry of an item that the journal never knew, as if played without a break since its date."""
    state, date, meaning, now = sighting.state, sighting.date, sighting.meaning, sighting.now
    edit = unseen_finish(state, date, meaning, now) or first_sight(state, date, meaning, now)
    entry = new_entry(sighting, sighting.at_its_moment(edit, Edit(edit.earliest, now)))
    played_ms = max(now - date.local_ms, 0) if date else 0
    return replace(entry, play_from_ms=max(state.position_ms - played_ms, 0))


def known(sighting: Sighting, entry: Entry) -> Entry:
    """Return what a read makes of a known item: nothing new, an edit, a stale stop, or a restored backup."""
    state = sighting.state
    if not state.position_ms:
        return _known_at_zero(sighting, entry)
    if abs(state.position_ms - entry.dated_position_ms) < NOISE_MS:
        return _unmoved(sighting, entry)
    stale = _stale_stop(sighting, entry)
    if stale is not None:
        return replace(new_entry(sighting, stale.edit), dated_position_ms=stale.position_ms)
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        return new_entry(sighting, Edit(restored_to, restored_to))
    play_from = _play_from(sighting, entry)
    within = _within(sighting, entry)
    edit = sighting.at_its_moment(move(state.position_ms - play_from, sighting.date, sighting.meaning, within), within)
    return replace(new_entry(sighting, edit), play_from_ms=play_from)


def _known_at_zero(sighting: Sighting, entry: Entry) -> Entry:
    """Judge an explicit position 0."""
    state = sighting.state
    newly_watched = state.watched and not entry.watched
    played_since = sighting.is_played_since(entry)
    if not newly_watched and not played_since:
        if not entry.position_ms:
            return _unmoved(sighting, entry)
        if entry.gone:
            return new_entry(sighting, replace(entry.edit, cause=Cause.RESTARTED))
    restored_to = _restored_to(sighting, entry)
    if restored_to is not None:
        cause = Cause.FINISHED if state.watched else Cause.RESTARTED
        return new_entry(sighting, Edit(restored_to, restored_to, cause))
    within = _within(sighting, entry)
    if not newly_watched and not played_since and _is_stop_below_minimum(sighting, entry):
        return new_entry(sighting, replace(within, cause=Cause.RESTARTED))
    zeroed = Zeroed(_play_from(sighting, entry), entry.date, entry.watched, state, sighting.date)
    return new_entry(sighting, sighting.at_its_moment(zero(zeroed, sighting.meaning, within), within))


def _is_stop_below_minimum(sighting: Sighting, entry: Entry) -> bool:
    """Tell whether a 0 may come from an app that stopped where its server keeps no position.

    It was opened where none was kept, or at one of ours in the first percents of the title, where viewers can leave
    none: 5 on Jellyfin (`MinResumePct`), 2 on Emby, unless somebody has set it otherwise. At our latest one only if
    somebody has played since.
    """
    if entry.left is not None and not entry.left.position_ms:
        return True
    if sighting.meaning is not DateMeaning.PLAY_START:
        return False
    ours = [one.position_ms for one in entry.stood]
    if entry.written_at is not None and (entry.date is None or entry.date.local_ms > entry.written_at):
        ours.append(entry.position_ms)
    return any(position_ms * 100 < (sighting.state.item.duration_ms or 0) * _LEAST_KEPT_PERCENT for position_ms in ours)


def _unmoved(sighting: Sighting, entry: Entry) -> Entry:
    """Return the entry with what the read shows of it, its edit as it was."""
    seen = new_entry(sighting, entry.edit)
    return replace(
        seen,
        dated_position_ms=entry.dated_position_ms,
        date=seen.date if _differs(seen.date, entry.date) else entry.date,
        play_from_ms=_play_from(sighting, entry),
        written_at=entry.written_at,
        left=entry.left,
        stood=entry.stood,
        seen_at=entry.seen_at,
        undone_at=entry.undone_at,
        kept_until=entry.kept_until,
        keys=seen.keys or entry.keys,
    )


def _play_from(sighting: Sighting, entry: Entry) -> int:
    """Return where the latest play began: where the item stood when its date changed last."""
    return entry.position_ms if _differs(sighting.date, entry.date) else entry.play_from_ms


def _differs(date: ServerDate | None, known_date: ServerDate | None) -> bool:
    """Tell whether the server stores another date, whatever its clock says of itself now."""
    if date is None or known_date is None:
        return date is not known_date
    return date.server_ms != known_date.server_ms


def _stale_stop(sighting: Sighting, entry: Entry) -> Left | None:
    """Return the old position that an app wrote over ours when it closed: it was left open, or paused, there."""
    if entry.written_at is None:
        return None
    date = sighting.date
    begun_before = sighting.meaning is DateMeaning.LAST_WRITE or date is None or not _differs(date, entry.date)
    if not begun_before and date is not None and date.local_ms > entry.written_at:
        return None
    position = sighting.state.position_ms
    places = (one for one in opened_at(entry) if one.position_ms)
    return next((one for one in places if abs(position - one.position_ms) < NOISE_MS), None)


def _restored_to(sighting: Sighting, entry: Entry) -> int | None:
    """Return the time that the server went back to when a backup was restored; None where it did not."""
    date = sighting.date
    if date is None or entry.date is None or not entry.date.newer_than(date):
        return None
    return min(date.local_ms, sighting.now)


def _within(sighting: Sighting, entry: Entry) -> Edit:
    """Return the time in which a new edit of a known item must lie: after it was last seen, and after its last edit.

    Lists leave out what is at 0, and now and then what is not: that an item was not in them tells nothing of when it
    was finished once more, nor of an item that was gone, nor of a play that the server dates.
    """
    at_zero_still = not sighting.state.position_ms
    unseen = not entry.position_ms and (entry.gone or at_zero_still or sighting.is_played_since(entry))
    earliest = max(0 if unseen else sighting.last_seen, entry.edit.latest + 1)
    return Edit(earliest, max(sighting.now, earliest))
