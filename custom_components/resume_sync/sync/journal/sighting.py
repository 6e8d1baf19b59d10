"""One read of one item, beside all that is known around it: the facts that the tables of evidence ask for."""

from dataclasses import dataclass, replace

from ..identity import match_keys
from ..model import DateMeaning, ItemState, ServerTraits
from .edit import NOISE_MS, Edit, ServerDate, clamped
from .hidden import is_newly_hidden
from .plays import Play
from .trail import Began, Entry, Heard, Place, Write

_SILENT_MS = (290_000, 660_000)
"""Jellyfin ends a play 5 to 10 minutes after its last report; both bounds with leeway for when we hear of it."""

_COUNTED_ON_MS = 45_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read of one item. Times are on this machine's clock, in epoch milliseconds.

    - `state` and `date` are what the read shows; it left at `requested_at`, and `now` is the present.
    - `entry` is what the journal knows, perhaps under an earlier id; None: nothing. It was last seen at `last_seen`.
    - `writes` are ours that no read has shown yet, latest first.
    - `plays` are what sessions told of the item since it was last seen. `sessions_heard`: the server told of all of
      them by itself. `sessions_looked_at`: it did, or they were looked at every minute.
    - `heard` is a stop or mark that push told; None: nothing was told that this read shows.
    - `finished_elsewhere` is a later finish of the title on another server that shares its watched marks with this one.
    - `on_hub_at` is when a hub last showed the item; None: it was not taken off one.
    - `playing`: a session has the item now. `one_of_many`: it came to 0 together with many others.
    """

    state: ItemState
    date: ServerDate | None
    traits: ServerTraits
    requested_at: int
    last_seen: int
    now: int
    entry: Entry | None = None
    writes: tuple[Write, ...] = ()
    plays: tuple[Play, ...] = ()
    sessions_heard: bool = False
    sessions_looked_at: bool = False
    heard: Heard | None = None
    on_hub_at: int | None = None
    playing: bool = False
    finished_elsewhere: Edit | None = None
    one_of_many: bool = False

    @property
    def known(self) -> Entry:
        """The entry of an item that is known; to be asked for only there."""
        if self.entry is None:
            raise LookupError("The item is new to the journal")
        return self.entry

    @property
    def dates_starts(self) -> bool:
        """Whether the server dates the start of a play (Jellyfin, Emby), not the last write of any kind (Plex)."""
        return self.traits.date_meaning is DateMeaning.PLAY_START

    @property
    def is_early(self) -> bool:
        """Whether the read left before our own write, and may not show it."""
        written = [write.made_at for write in self.writes[:1]]
        if self.entry is not None and self.entry.written_at is not None:
            written.append(self.entry.written_at)
        return any(at >= self.requested_at for at in written)

    @property
    def is_new_play(self) -> bool:
        """Whether the server stores another date than before, compared on its own clock: a new play began here."""
        before = self.known.date
        if self.date is None or before is None:
            return self.date is not before
        return self.date.server_ms != before.server_ms

    @property
    def is_played_since(self) -> bool:
        """Whether the server's date is that of a later play than the known one."""
        return self.date is not None and self.date.newer_than(self.known.date)

    @property
    def is_older(self) -> bool:
        """Whether the server's date is older than the known one: a backup was restored."""
        return self.date is not None and self.known.date is not None and self.known.date.newer_than(self.date)

    @property
    def is_newly_watched(self) -> bool:
        """Whether the watched mark was not there before."""
        return self.state.watched and not self.known.watched

    @property
    def is_counted_again(self) -> bool:
        """Whether the play count is higher than before."""
        before = self.known.play_count
        return before is not None and self.state.play_count > before

    @property
    def lost_its_date(self) -> bool:
        """Whether the item had a date before and has none now. An implausible one is not none."""
        return self.known.date is not None and self.date is None and not self.state.date_unreadable

    @property
    def play_from_ms(self) -> int:
        """Where the latest play began: a new one began where the item stood."""
        return self.known.position_ms if self.is_new_play else self.known.play_from_ms

    def began(self, edit: Edit) -> Began | None:
        """Return how the latest play began, one that ended with this edit."""
        entry = self.known
        if self.dates_starts and self.date is not None:
            return Began(entry.place.chosen, self.date.local_ms) if self.is_new_play else entry.began
        # Plex dates every stop anew. A session tells when the play began; else it was as long before the stop as was
        # played. Paused at 20:00, stopped ten minutes further on at 20:10: one play.
        played_ms = max(self.state.position_ms - self.play_from_ms, 0)
        at = min((play.began_at for play in self.plays), default=edit.earliest - played_ms)
        return entry.began if at < entry.edit.latest + NOISE_MS else Began(entry.place.chosen, at)

    @property
    def shown_write(self) -> Write | None:
        """Our write that this read shows; None: it shows none."""
        state = self.state
        dated_by_us = any(write.place.dates(state) for write in self.writes)
        for write in self.writes:
            place = write.place
            if not place.is_shown_by(state) or place.watched is not state.watched:
                continue
            # Plex stamps its own date on every write. Jellyfin and Emby store the date that was sent, and a clear
            # leaves the one that it finds, which may be of another write of ours. Any other date is that of a viewer's
            # play, which stopped at the same position by chance.
            undated = place.date_server_ms is None and state.last_played_server_ms is None
            if not self.dates_starts or dated_by_us or undated:
                return write
        return None

    @property
    def reopened(self) -> Place | None:
        """The place before our write that a closing app has restored; None: a viewer moved the item."""
        entry = self.known
        # Without a write of ours there is nothing to close over: the viewer went back. A play begun after our write is
        # a viewer who went back, too. Jellyfin and Emby tell by the date of its start, Plex not at all.
        if entry.written_at is None:
            return None
        began_after = self.date is not None and self.date.local_ms > entry.written_at
        if self.dates_starts and self.is_new_play and began_after:
            return None
        # Players resume a little before the place.
        return next(
            (one for one in entry.before if one.position_ms and one.is_at(self.state.position_ms, NOISE_MS - 1)), None
        )

    @property
    def abandoned(self) -> Play | None:
        """The play that a vanished app left behind, and that the server counted on by itself; None: there is none."""
        # Another session that had the item meanwhile may have moved it.
        if len(self.plays) != 1 or not self.plays[0].regular:
            return None
        play, state = self.plays[0], self.state
        if play.ended_at is None or play.position_ms is None:
            return None
        silence = play.ended_at - play.reported_at
        if not _SILENT_MS[0] <= silence <= _SILENT_MS[1]:
            return None
        # From here on the app told nothing for 5 to 10 minutes before the end. 20:00 TV switched off at 20 min · 20:07
        # ended by the server, which stores 27 min. Near the end it stores a finish that nobody saw.
        if not state.position_ms:
            finished = self.is_newly_watched and play.position_ms < self.finished_from
            return play if finished else None
        counted = min(play.position_ms + silence, state.item.duration_ms or play.position_ms + silence)
        return play if abs(state.position_ms - counted) <= _COUNTED_ON_MS else None

    @property
    def was_told_late(self) -> bool:
        """Whether an app told now where its viewer had been some time ago, out of reach of the server."""
        # An older date than the known one tells when that was: the server is back at a backup.
        if self.heard is not None or self.is_older:
            return False
        # Every session is heard of, none had the item, and no play is dated anew: uploaded at 22:00 by a tablet that
        # was on a train at 18:00.
        if self.sessions_heard and not self.plays and self.dates_starts and not self.is_new_play:
            return True
        # Sessions cannot be heard: 25 min further on, five minutes after a list that showed the item.
        entry, position = self.known, self.state.position_ms
        known = (entry.position_ms, *(write.place.position_ms for write in self.writes))
        ahead = min((position - one for one in known if one <= position), default=0)
        return not self.sessions_heard and entry.in_progress and ahead > self.now - self.last_seen + NOISE_MS

    @property
    def is_newly_hidden(self) -> bool:
        """Whether the read shows for the first time that its item was hidden."""
        return is_newly_hidden(self.state, was_hidden=self.entry is not None and self.entry.hidden)

    @property
    def last_report(self) -> Play | None:
        """The last play that told where it was; None: none did."""
        told = [play for play in self.plays if play.position_ms is not None]
        return max(told, key=lambda play: play.reported_at, default=None)

    @property
    def least_kept(self) -> int:
        """The position below which the server stores 0 when an app stops."""
        by_share = (self.state.item.duration_ms or 0) * self.traits.least_percent // 100
        return max(by_share, self.traits.minimum_ms or 0)

    @property
    def finished_from(self) -> int:
        """The position from which the server counts a play as finished."""
        return (self.state.item.duration_ms or 0) * (self.traits.watched_percent or 90) // 100

    @property
    def had_time_to_finish(self) -> bool:
        """Whether the latest play may have reached the end by now, without skipping ahead."""
        return self.date is not None and self.now - self.date.local_ms >= self.finished_from - self.play_from_ms

    @property
    def within(self) -> Edit:
        """The time in which a new edit must lie: after the item's last sight and its last edit, up to now."""
        entry = self.known
        # A list that leaves out an item at 0 counts as a sight of it. It proves nothing in three cases:
        # The item was gone: 20:00 left at 11 min · 21:00 its library is away, a list comes · 22:00 it is back.
        # It is at 0 again: 20:00 finished once more · 21:00 a list comes, and would not have shown it before either.
        # The server dates a new play: 20:00 left at 22 min · 21:00 a list comes and leaves the item out by mistake.
        at_zero_still = not self.state.position_ms
        unseen = not entry.position_ms and (entry.gone or at_zero_still or self.is_played_since)
        earliest = max(0 if unseen else self.last_seen, entry.edit.latest + 1)
        return Edit(earliest, max(self.now, earliest))

    def dated(self, edit: Edit) -> Edit:
        """Return an edit with both bounds inside the time that our reads leave open; the cause stays."""
        within = self.within
        earliest = clamped(edit.earliest, within.earliest, within.latest)
        return replace(edit, earliest=earliest, latest=clamped(edit.latest, earliest, within.latest))

    def standing(self, edit: Edit, position_ms: int | None = None) -> Entry:
        """Return an entry that stands where the read shows it, or at another place, with this edit; nothing of ours."""
        state = self.state
        return Entry(
            kind=state.item.kind,
            keys=match_keys(state.item),
            place=Place(state.position_ms if position_ms is None else position_ms, edit),
            position_ms=state.position_ms,
            watched=state.watched,
            play_count=state.play_count,
            date=self.date,
            duration_ms=state.item.duration_ms,
            play_from_ms=state.position_ms,
            hidden=state.hidden,
        )

    def moved(self, edit: Edit) -> Entry:
        """Return an entry that a viewer left where the read shows it."""
        return replace(self.standing(edit), play_from_ms=self.play_from_ms, began=self.began(edit))

    def unmoved(self) -> Entry:
        """Return the entry as it was, with all that the read tells of the item besides."""
        entry, state = self.known, self.state
        told = (state.position_ms, state.watched, state.play_count, state.item.duration_ms, state.hidden, False)
        known = (entry.position_ms, entry.watched, entry.play_count, entry.duration_ms, entry.hidden, entry.gone)
        keys = match_keys(state.item) or entry.keys
        # Nothing is new, as a rule: then the entry stays the same object.
        if told == known and keys == entry.keys and not self.is_new_play:
            return entry
        return replace(
            entry,
            keys=keys,
            position_ms=state.position_ms,
            watched=state.watched,
            play_count=state.play_count,
            date=self.date if self.is_new_play else entry.date,
            duration_ms=state.item.duration_ms,
            play_from_ms=self.play_from_ms,
            began=self.began(entry.edit) if self.is_new_play else entry.began,
            gone=False,
            hidden=state.hidden,
        )
