"""Plays: what sessions tell of an item while it plays. Kept in memory for a day, never stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..model import Activity, OpenSession, SessionRead
from .edit import DAY_MS

REGULAR_MS = 30_000
"""An app whose reports come at most this far apart reports regularly: when it falls silent, it has gone."""

_SAME_MS = 3_000
"""Times on a server's clock are known to about two seconds: reports closer than this may be one, told twice."""

_CLOCK_MS = 60_000
_MOST_PLAYS = 8
_MOST_ITEMS = 512


@dataclass(frozen=True, slots=True)
class Play:
    """One session with one item. All times are epoch milliseconds of this machine's clock.

    - `began_at` is its first report that was heard of, `reported_at` the last one, `position_ms` where the player was
      then; None: no report told that.
    - `paused`: it was paused by that report.
    - `regular`: two reports at most 30 s apart were seen. A server that does not tell when its players report proves
      nothing of the kind; there, `reported_at` is when the play was last seen.
    - `ended_at` is when the session let go of the item; None: it had not when it was last heard of.
    """

    session_id: str
    began_at: int
    reported_at: int
    position_ms: int | None
    regular: bool = False
    ended_at: int | None = None
    paused: bool = False

    @property
    def silence_ms(self) -> int | None:
        """How long the player had been silent when the play ended; None: the play has not ended.

        An app reports until the moment it stops. A server that ends a play by itself does so after minutes.
        """
        return None if self.ended_at is None else self.ended_at - self.reported_at

    def reported(self, position_ms: int | None, at: int, *, told: bool, paused: bool) -> Play:
        """Return the play after one more report; `told`: the server said when the report came."""
        gap = at - self.reported_at
        unmoved = position_ms is None or (
            self.position_ms is not None and abs(position_ms - self.position_ms) < _SAME_MS
        )
        # An old list that arrives late, or the last report told again, on a clock that is known a little differently.
        if gap <= -_SAME_MS or (told and abs(gap) < _SAME_MS and unmoved and paused is self.paused):
            return self
        return replace(
            self,
            reported_at=max(at, self.reported_at),
            position_ms=self.position_ms if position_ms is None else position_ms,
            regular=self.regular or (told and _SAME_MS <= gap <= REGULAR_MS),
            paused=paused,
        )

    def heard_until(self, at: int) -> Play:
        """Return the play with a later last report, of which nothing but the time is known."""
        # 20:00:10 seen at 10 min · the last report is said to have come at 20:04:00: at 13:50, if nobody skipped.
        if at - self.reported_at < _SAME_MS:
            return self
        counted = self.position_ms
        if counted is not None and not self.paused:
            counted += at - self.reported_at
        return replace(self, reported_at=at, position_ms=counted)


class Plays:
    """The plays of one account, by item.

    `heard_since`: since then the server has told of every session by itself, without a gap. `looked_since`: since then
    sessions have been heard, or were looked at at least once a minute. None: they cannot be.
    """

    def __init__(self) -> None:
        """Have heard of nothing."""
        self.heard_since: int | None = None
        self.looked_since: int | None = None
        self._plays: dict[str, tuple[Play, ...]] = {}
        self._latest = 0

    def copy(self) -> Plays:
        """Return an independent copy."""
        other = Plays()
        other.heard_since, other.looked_since = self.heard_since, self.looked_since
        other._plays, other._latest = dict(self._plays), self._latest
        return other

    def of(self, item_id: str) -> tuple[Play, ...]:
        """Return the plays of an item, the latest last; each is kept for a day after its end."""
        return self._plays.get(item_id, ())

    def since(self, item_id: str, time: int) -> tuple[Play, ...]:
        """Return the plays of an item that went on at some time since then, the latest last."""
        return tuple(play for play in self.of(item_id) if play.ended_at is None or play.ended_at >= time)

    def is_alone(self, item_id: str, play: Play) -> bool:
        """Tell whether nobody else had the item from a play's last report on, nor the same session once more."""
        return all(other == play for other in self.since(item_id, play.reported_at))

    def heard(self, since: int) -> bool:
        """Tell whether the server has told of every session since then."""
        return self.heard_since is not None and self.heard_since <= since

    def looked(self, since: int) -> bool:
        """Tell whether sessions were heard or looked at ever since then: a play of some minutes was not missed."""
        return self.looked_since is not None and self.looked_since <= since

    def nobody_had(self, item_id: str, since: int) -> bool:
        """Tell whether it is certain that no session had the item since then."""
        return self.heard(since) and not self.since(item_id, since)

    def hear(self, now: int) -> None:
        """Note that the server tells of every session from now on."""
        self._tick(now)
        self.heard_since = now if self.heard_since is None else self.heard_since
        self.look(now)

    def look(self, now: int) -> None:
        """Note that sessions are looked at from now on, at least once a minute."""
        self._tick(now)
        self.looked_since = now if self.looked_since is None else self.looked_since

    def lose(self) -> None:
        """Note that nothing is heard any more: what happens from now on may be missed."""
        self.heard_since = self.looked_since = None

    def forget(self, now: int) -> None:
        """Forget everything, because this machine's clock was set back; what is heard is heard since now."""
        self._plays = {}
        self._latest = now
        self.heard_since = None if self.heard_since is None else now
        self.looked_since = None if self.looked_since is None else now

    def note(self, read: SessionRead) -> None:
        """Take in a complete list of the sessions of the account's user."""
        self._tick(read.read_at)
        shown: set[tuple[str, str]] = set()
        for session in read.sessions:
            for item_id in session.item_ids:
                self._note_session(session, item_id, read.read_at)
                shown.add((item_id, session.session_id))
        idle = {one.session_id: one.reported_at for one in read.sessions if not one.item_ids}
        for item_id, play in list(self._open()):
            # Begun after the list was asked for: 20:00:00 asked · 20:00:01 begun and heard · 20:00:02 the list comes.
            if (item_id, play.session_id) not in shown and play.reported_at <= read.read_at:
                self._note_gone(item_id, play, read.read_at, idle.get(play.session_id))

    def note_report(
        self,
        item_id: str,
        session_id: str,
        position_ms: int | None,
        reported_at: int | None,
        now: int,
        *,
        paused: bool = False,
    ) -> None:
        """Note where a player says it is; `reported_at` None: the server does not tell when it said so."""
        self._tick(now)
        at = now if reported_at is None else min(reported_at, now)
        play = self._latest_of(item_id, session_id)
        if play is None or (play.ended_at is not None and at > play.ended_at):
            self._put(item_id, Play(session_id, at, at, position_ms, paused=paused))
        elif play.ended_at is None:
            self._put(item_id, play.reported(position_ms, at, told=reported_at is not None, paused=paused), play)

    def note_end(
        self,
        item_id: str,
        session_id: str | None,
        at: int,
        position_ms: int | None = None,
        *,
        reported_at: int | None = None,
    ) -> None:
        """Note that a session let go of an item; `session_id` None: whichever had it.

        `position_ms` is where the player itself said that it stopped, `reported_at` when it was last heard of before
        that; None: not told.
        """
        self._tick(at)
        for play in self.of(item_id):
            if play.ended_at is None and session_id in (None, play.session_id):
                over = play if reported_at is None else play.heard_until(min(reported_at, at))
                if position_ms is not None:
                    over = replace(over, position_ms=position_ms, reported_at=max(over.reported_at, at))
                self._put(item_id, replace(over, ended_at=max(at, over.reported_at)), play)

    def _note_session(self, session: OpenSession, item_id: str, read_at: int) -> None:
        """Take in what one session does with an item, or did: without an activity it has just let go of it."""
        paused = session.activity is not Activity.PLAYING
        self.note_report(item_id, session.session_id, session.reported_ms, session.reported_at, read_at, paused=paused)
        if session.activity is None:
            self.note_end(item_id, session.session_id, read_at)

    def _note_gone(self, item_id: str, play: Play, at: int, reported_at: int | None) -> None:
        """Note that a list does not show a play any more."""
        # Nobody knows whether the player was silent: it may have reported until a moment ago, unheard.
        if reported_at is None:
            self._put(item_id, replace(play, regular=False), play)
        self.note_end(item_id, play.session_id, at, reported_at=reported_at)

    def _open(self) -> Iterator[tuple[str, Play]]:
        """Yield the plays that have not ended, with their items."""
        for item_id, plays in self._plays.items():
            for play in plays:
                if play.ended_at is None:
                    yield item_id, play

    def _latest_of(self, item_id: str, session_id: str) -> Play | None:
        """Return the latest play of an item in a session."""
        return next((play for play in reversed(self.of(item_id)) if play.session_id == session_id), None)

    def _put(self, item_id: str, play: Play, before: Play | None = None) -> None:
        """Keep a play in place of what was known of it before, the latest begun last."""
        others = [other for other in self._plays.pop(item_id, ()) if other is not before]
        kept = sorted([*others, play], key=lambda one: one.began_at)[-_MOST_PLAYS:]
        # Taken out first, so that an item that plays moves to the end: the oldest is dropped when there are too many.
        self._plays[item_id] = tuple(kept)
        if len(self._plays) > _MOST_ITEMS:
            del self._plays[next(iter(self._plays))]

    def _tick(self, now: int) -> None:
        """Let time pass: drop what is a day old, and everything where this machine's clock was set back."""
        if now < self._latest - _CLOCK_MS:
            self.forget(now)
        self._latest = max(now, self._latest)
        old = self._latest - DAY_MS
        if any((play.ended_at or play.reported_at) <= old for plays in self._plays.values() for play in plays):
            kept = {
                item_id: tuple(play for play in plays if (play.ended_at or play.reported_at) > old)
                for item_id, plays in self._plays.items()
            }
            self._plays = {item_id: plays for item_id, plays in kept.items() if plays}
