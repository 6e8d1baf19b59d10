"""What humans did, told by the servers themselves, and how far anybody could tell when they did it.

Times are seconds on the true clock. A *touch* is a human's last action on a title at one server: a play that moved it,
a finish, a mark, a clear. Its *span* is the time within which an observer who reads the servers now and then can date
it; two touches can be ordered if their spans are apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.model import DateMeaning

TOLERANCE = 4.0
"""Servers store dates to the second, HTTP tells their clock to the second, and agrees with it to within two."""

SAME_MS = 1_500
"""Positions are stored to the second by some."""

LEEWAY_MS = 31_000
"""`delta_seconds`, for each pair between two servers: smaller differences are not worth a write."""


class Act(StrEnum):
    """What a human did to a title."""

    MOVED = "moved"
    FINISHED = "finished"
    CLEARED = "cleared"
    STARTED_OVER = "started over"
    OVERWRITTEN = "overwritten"
    COUNTED_ON = "counted on"


class Loss(StrEnum):
    """How a server came to show 0 although nobody wished it.

    `ZERO`: nothing but the position changed. `PLAY`: an app told a start before; `HEARD`: and where it was, which push
    told. `COUNTED`: the server counted on a play whose app was gone. `RESET`: all that was stored of the title is gone,
    as if somebody had marked it unplayed. `MASS`: so is much of the shelf, so that a person is asked.
    """

    ZERO = "zero"
    PLAY = "play"
    HEARD = "heard"
    COUNTED = "counted"
    RESET = "reset"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class Lost:
    """A place that a server lost."""

    server: str
    at: float
    how: Loss


@dataclass(slots=True, eq=False)
class Touch:
    """One human action, or what one playback session came to.

    `began` is when the playback began, at `from_ms`, `last_report` when its app last told the same again (Plex dates
    that).
    `reported` are all positions that the server was told. `optional`: it may stand in the end, but need not: moves too
    small to be synced, and actions that no reader of the servers can see. `wide`: nobody can date it.
    `from_zero`: the title was at 0 before, so that listings show no difference. `lowers_before`: it may take a server
    back only from what was left there before this time. `is_late`: its server was told of it late. `is_heard`: push
    told of it at once, as it does of sessions where a server `is_listened_to`. `is_behind`: it began behind another
    place, so that it may stay alone where it is. Not `by_human`: it only looks like a viewer's act, or tells a place
    again.
    """

    server: str
    item_ids: set[str]
    meaning: DateMeaning
    act: Act
    at: float
    began: float
    position_ms: int
    duration_ms: int
    session: object = None
    last_report: float = 0.0
    reported: list[int] = field(default_factory=list)
    optional: bool = False
    wide: bool = False
    from_zero: bool = False
    lowers_before: float = inf
    is_late: bool = False
    is_behind: bool = False
    from_ms: int = 0
    is_heard: bool = False
    is_listened_to: bool = False
    by_human: bool = True

    def told(self, position_ms: int, leeway_ms: int = SAME_MS) -> bool:
        """Tell whether the server was told this position by it."""
        return any(abs(one - position_ms) <= leeway_ms for one in (*self.reported, self.position_ms))


@dataclass(frozen=True, slots=True)
class Observation:
    """A complete snapshot that a journal took in and still knows of: from when it is, and when it was taken in.

    `listed` are the positions that it showed by item, `there` the items of which it could tell something. Not
    `complete`: it had rows of no known item, so that what it left out may be anywhere.
    """

    read_at: float
    taken_in: float
    listed: Mapping[str, int]
    there: frozenset[str]
    complete: bool = True


@dataclass(slots=True)
class Truth:
    """All touches of one user by title, and what was observed of this user's servers."""

    touches: dict[str, list[Touch]] = field(default_factory=dict)
    observations: dict[str, list[Observation]] = field(default_factory=dict)
    clock_moves: list[tuple[float, float]] = field(default_factory=list)
    losses: dict[str, list[Lost]] = field(default_factory=dict)

    def add(self, title: str, touch: Touch, *, may_be_stale: bool = True) -> None:
        """Note a touch; it replaces the one before on its server if that was the same playback."""
        known = self.touches.setdefault(title, [])
        touch.reported.append(touch.position_ms)
        touch.last_report = touch.at
        before = self.last_on(title, touch.server)
        if before is not None and touch.session is not None and before.session is touch.session:
            known.remove(before)
            touch.reported = [*before.reported, touch.position_ms]
        touch.wide = touch.wide or (may_be_stale and self._looks_stale(known, touch))
        known.append(touch)

    def may_stand(self, title: str, touch: Touch, *, by_human: bool = False) -> None:
        """Note what may be taken for a viewer's act of an unknown time, and may stand in the end."""
        touch.optional = touch.wide = True
        touch.by_human = by_human
        self.add(title, touch)

    def last_on(self, title: str, server: str, *, certain: bool = False) -> Touch | None:
        """Return the last touch on one server, or the last one that must stand."""
        found = [one for one in self.touches.get(title, ()) if one.server == server and not (certain and one.optional)]
        return found[-1] if found else None

    def last_act(self, title: str) -> Touch | None:
        """Return what a human did last to a title, on whatever server, and whether or not anybody could know."""
        acts = (one for one in self.touches.get(title, ()) if one.by_human)
        return max(acts, key=lambda one: one.at, default=None)

    def counted_on_since(self, title: str, at: float) -> Touch | None:
        """Return where a server counted on a play whose app was gone, last and since a time, and nobody knew."""
        found = [one for one in self.touches.get(title, ()) if one.act is Act.COUNTED_ON and one.at >= at]
        return found[-1] if found else None

    def lost_since(self, title: str, server: str) -> list[Lost]:
        """Return how often a server lost a title's place since a viewer last left it there, oldest first."""
        left = [one.at for one in self.touches.get(title, ()) if one.server == server and not one.optional]
        return [one for one in self.losses.get(title, ()) if one.server == server and one.at >= max(left, default=0.0)]

    def certainly_before(self, title: str, one: Touch, other: Touch) -> bool:
        """Tell whether an observer can know that one touch came before another.

        Touches that cannot be ordered among each other are decided as one (both sides are known at the later
        bound then), so neither of them is certainly before a touch that follows one of them too closely.
        """
        touches = self.touches[title]
        if one not in touches or other not in touches:
            return False
        return not self._connected(touches, one, other) and self._apart(touches, one, other)

    def span(self, touch: Touch) -> tuple[float, float]:
        """Return from when to when an observer can date a touch.

        What went on for less than ten seconds since a look has not moved since then.
        """
        if touch.is_heard and not touch.wide:
            return touch.at - TOLERANCE, touch.at + TOLERANCE
        if touch.wide or self._looks_late(touch) or self._is_after_step_back(touch):
            return -inf, inf
        tolerance = TOLERANCE + self._doubt(touch)
        before = self._last_seen_before(touch)
        after = self._first_seen_after(touch)
        earliest, latest = self._dated(touch, before)
        earliest = earliest if before is None else max(earliest, before)
        if any(_shows(look, touch) for look in self._looks_before(touch)[-1:]):
            earliest = min(earliest, touch.began)
        return min(earliest, touch.at) - tolerance, max(min(latest, after), touch.at) + tolerance

    def _dated(self, touch: Touch, before: float | None) -> tuple[float, float]:
        """Return from when to when the server's date, and what the title tells, may put a touch."""
        if touch.act in (Act.CLEARED, Act.STARTED_OVER):
            return (-inf if before is None else before), inf
        if touch.meaning is DateMeaning.LAST_WRITE:
            return touch.at, max(touch.at, touch.last_report)
        played = touch.duration_ms if touch.act is Act.FINISHED else touch.position_ms
        over = touch.began + played / 1000
        if touch.act is Act.FINISHED and (over < touch.at or self._doubt(touch)):
            return touch.began if before is None else before, inf
        return touch.began, max(touch.at, over)

    def _is_after_step_back(self, touch: Touch) -> bool:
        """Tell whether this machine's clock was set back since the server was read last before a playback began.

        All that was known then is dated just before the next read, so that what people did in
        between cannot be dated any better.
        """
        looks = [one for one in self._looks_before(touch) if not _shows(one, touch)]
        since = max((one.taken_in for one in looks if one.taken_in < touch.began), default=-inf)
        until = max(touch.at, self._first_seen_after(touch))
        return any(since <= time <= until for time, seconds in self.clock_moves if seconds < 0)

    def moved(self, title: str, server: str, item_id: str) -> None:
        """Note that a title came back under a new id; what nobody has seen yet was done to an item never known."""
        for touch in self.touches.get(title, ()):
            if touch.server == server:
                touch.item_ids = {item_id} if self._first_seen_after(touch) == inf else {*touch.item_ids, item_id}

    def unmarked(self, title: str, server: str) -> None:
        """Note that a watched mark was taken back: of a title at 0, what nobody had seen before leaves no trace."""
        last = self.last_on(title, server)
        if last is not None and not last.position_ms:
            self.lost(title, server, replaced=len(last.item_ids) > 1)

    def lost(self, title: str, server: str, *, replaced: bool = False) -> None:
        """Note that a server holds no trace any more of what nobody has seen there yet.

        `replaced`: nor of what was seen, for the item came back under a new id, and positions may be lost with a file.
        """
        for touch in self.touches.get(title, ()):
            if touch.server == server and (replaced or self._first_seen_after(touch) == inf):
                touch.optional = touch.wide = True

    def has_unseen(self, title: str, server: str) -> bool:
        """Tell whether a server was played on since anybody looked there."""
        here = [one for one in self.touches.get(title, ()) if one.server == server]
        return any(one.session is not None and self._first_seen_after(one) == inf for one in here)

    def clock_moved(self, at: float, seconds: float) -> None:
        """Note that this machine's clock was set."""
        self.clock_moves.append((at, seconds))

    def _doubt(self, touch: Touch) -> float:
        """Return how far this machine's clock was set, in seconds, before anybody saw a touch who still knows of it."""
        seen_at = self._first_seen_after(touch)
        return sum(abs(seconds) for at, seconds in self.clock_moves if touch.at <= at < seen_at)

    def is_behind(self, title: str, touch: Touch) -> bool:
        """Tell whether a play may be taken for one that began behind another place: then nobody is taken back by it."""
        return touch.is_behind or any(self._may_be_ahead(one, touch) for one in self.touches.get(title, ()))

    def is_certain(self, title: str, touch: Touch) -> bool:
        """Tell whether what somebody did has to count."""
        return not touch.optional and not self.is_behind(title, touch)

    def _may_be_ahead(self, one: Touch, touch: Touch) -> bool:
        """Tell whether a play may have begun at an older place than another server's, which is further on."""
        if touch.session is None or one.server == touch.server or not 0 < touch.position_ms < one.position_ms:
            return False
        began = touch.began
        if touch.meaning is DateMeaning.LAST_WRITE:
            # Plex tells when a play ended: it began as long before that as it has moved on.
            began = self.span(touch)[1] - max(touch.position_ms - touch.from_ms, 0) / 1000
        return abs(touch.from_ms - one.position_ms) >= LEEWAY_MS and self.span(one)[0] <= began + TOLERANCE

    def jumped(self, touch: Touch) -> bool:
        """Tell whether a touch moved a title on by more than the time since the last look, as if it were told late."""
        looks = self._looks_before(touch)
        passed_ms = (touch.at - looks[-1].read_at) * 1000 if looks else 0
        return touch.position_ms - touch.from_ms > passed_ms

    def _looks_late(self, touch: Touch) -> bool:
        """Tell whether a skip ahead looks like a place that was told late: no session is heard that tells it apart."""
        return not touch.is_listened_to and self._last_seen_before(touch) is not None and self.jumped(touch)

    def knows_a_finish(self, title: str) -> bool:
        """Tell whether anybody can have seen that a title was finished."""
        finishes = (one for one in self.touches.get(title, ()) if one.act is Act.FINISHED)
        return any(self.was_seen_in_progress(one) for one in finishes)

    def was_seen_in_progress(self, touch: Touch) -> bool:
        """Tell whether the last look at the server before a touch showed its item in progress."""
        return self._last_seen_before(touch) is not None

    def cannot_be_dated(self, title: str) -> bool:
        """Tell whether a title was moved when nobody can tell, so that a 0 from before may be taken for newer."""
        return any(one.position_ms and self.span(one)[0] == -inf for one in self.touches[title] if not one.optional)

    def was_seen_between(self, one: Touch, other: Touch) -> bool:
        """Tell whether anybody looked at the server after one touch and before another."""
        looks = self._looks_before(other)
        return bool(looks) and looks[-1].read_at > one.at

    def _last_seen_before(self, touch: Touch) -> float | None:
        """Return when the item was last seen elsewhere before a touch, if the last look at the server showed it.

        Smaller moves than ten seconds are none: they leave the position its time.
        """
        before = self._looks_before(touch)
        shown = before[-1].listed.keys() & touch.item_ids if before else ()
        moved = bool(shown) and not _shows(before[-1], touch)
        return before[-1].read_at if moved and not self._was_away(touch) else None

    def _looks_before(self, touch: Touch) -> list[Observation]:
        """Return the looks at a server that were over before a touch."""
        return [one for one in self.observations.get(touch.server, ()) if one.taken_in < touch.at]

    def _was_away(self, touch: Touch) -> bool:
        """Tell whether the library was found without the item after a touch, before anybody had seen the touch.

        A library that comes back may have lost its positions, so that a 0 there is no human's.
        """
        after = [one for one in self.observations.get(touch.server, ()) if one.read_at >= touch.at]
        looks = [one for one in after if one.complete]
        return bool(looks) and not looks[0].there & touch.item_ids

    def _first_seen_after(self, touch: Touch) -> float:
        """Return when a touch was first taken in; zeros are, if the item was known to be in progress."""
        if not touch.position_ms and (touch.from_zero or not self.was_seen_in_progress(touch)):
            return inf
        for one in self.observations.get(touch.server, ()):
            shown = one.listed.keys() if touch.position_ms else one.there
            tells = one.complete or touch.position_ms
            if one.read_at > touch.at and tells and touch.item_ids & shown:
                return one.taken_in
        return inf

    def _apart(self, touches: Sequence[Touch], one: Touch, other: Touch) -> bool:
        """Tell whether one touch is over before the other can have begun; on one item that is plain.

        But not where nobody can have seen the other, the clock was set back in between, or the server was told of the
        one late: then it may still stand wherever it was carried to.
        """
        replaced_between = bool(one.item_ids - other.item_ids)
        if one.server == other.server and not replaced_between and not self._is_after_step_back(other):
            told_before = touches.index(one) < touches.index(other)
            return told_before and one.at < other.at and self.span(other)[0] > -inf
        return self.span(one)[1] < self.span(other)[0]

    def _connected(self, touches: Sequence[Touch], one: Touch, other: Touch) -> bool:
        """Tell whether a chain of touches whose spans overlap leads from one to another."""
        spans = {id(touch): self.span(touch) for touch in touches}
        reached, left = [one], [touch for touch in touches if touch is not one]
        while reached:
            here = reached.pop()
            if here is other:
                return True
            near = [touch for touch in left if _overlap(here, touch, spans)]
            left = [touch for touch in left if touch not in near]
            reached += near
        return False

    @staticmethod
    def _looks_stale(known: Iterable[Touch], touch: Touch) -> bool:
        """Tell whether a touch comes by chance within ten seconds of a position left on this server before.

        It looks like an app that was left paused and now closes: nobody can tell.
        """
        return touch.position_ms > 0 and any(
            one.server == touch.server
            and one.session is not touch.session
            and abs(one.position_ms - touch.position_ms) <= NOISE_MS + SAME_MS
            for one in known
        )


def _shows(look: Observation, touch: Touch) -> bool:
    """Tell whether a look at a server showed the item where a touch left it."""
    positions = (position for item_id, position in look.listed.items() if item_id in touch.item_ids)
    return any(abs(position - touch.position_ms) < NOISE_MS for position in positions)


def _overlap(one: Touch, other: Touch, spans: dict[int, tuple[float, float]]) -> bool:
    """Tell whether the spans of touches on two servers overlap."""
    (from_one, to_one), (from_other, to_other) = spans[id(one)], spans[id(other)]
    return one.server != other.server and from_one <= to_other and from_other <= to_one
