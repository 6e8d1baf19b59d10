"""The people of a household: what they do in front of their screens, noted as the truth about their titles."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from custom_components.resume_sync.sync.edit import NOISE_MS
from tests.simulators.playback import PlaySession, Viewer
from tests.simulators.state import Cause, StateChange
from tests.simulators.users import User

from .direct import TRAITS
from .household import Household
from .titles import TITLES, kind_of
from .truth import SAME_MS, Act, Touch, Truth

DELTA_MS = 30_000
"""Moves below this are not synced (the guardrail `delta_seconds`), so that they may win, but need not."""

LONG_AWAY = 12 * 3600
"""For how long libraries may be away, in seconds, until our writes to them may be forgotten; clocks are set as well."""

type OnWrite = Callable[[str, StateChange, bool], None]
"""Told of a write of ours: the server, the change, and whether it lands late."""


class Hand(StrEnum):
    """By whose hand states change at this moment: nobody's but ours, a viewer's, or that of time passing by."""

    NONE = "none"
    VIEWER = "viewer"
    TIME = "time"


@dataclass(slots=True, eq=False)
class Sitting:
    """Somebody in front of an app that plays, or that was left paused or asleep.

    `from_ms` is what the server held when it began, `told_ms` what the app told its server last. `dateless`: a write of
    ours has replaced the date of its play.
    """

    server: str
    user: str
    title: str
    item_id: str
    viewer: Viewer
    session: PlaySession
    from_ms: int
    told_ms: int
    dateless: bool = False

    @property
    def is_awake(self) -> bool:
        """Whether the app reports by itself."""
        return not self.session.ended and self.session.checks_in


class People:
    """Lets people act and time pass, and notes touches. Changes that no viewer made are told to `on_write`."""

    def __init__(self, household: Household, on_write: OnWrite) -> None:
        """Watch what changes on every server."""
        self.household = household
        self.sittings: list[Sitting] = []
        self._on_write = on_write
        self._hand = Hand.NONE
        self._numbers = 0
        self._away_since: dict[str, float] = {}
        self._acted_at: dict[tuple[str, str, str], float] = {}
        household.wait = self.wait
        for name, server in household.servers.items():
            server.states.on_change(partial(self._changed, name))

    def wait(self, seconds: float) -> None:
        """Let time pass; stop wherever a playback ends by itself, so that its end is noted in time."""
        end = self.household.clock.now() + seconds
        with self._by(Hand.TIME):
            while (now := self.household.clock.now()) < end:
                ends = [when for sitting in self.sittings if (when := self._ends_at(sitting)) is not None]
                due = min([end, *(when for when in ends if when > now)])
                self.household.clock.advance(due - now)
        self.sittings = [one for one in self.sittings if not one.session.ended or not one.session.checks_in]

    def user_of(self, server: str, change: StateChange) -> str:
        """Return whose state changed."""
        users: Iterable[User] = self.household.servers[server].users.values()
        return next(user.name for user in users if user.user_id == change.user_id)

    def acted_at(self, server: str, user: str, title: str) -> float:
        """Return when a viewer's act last changed anything that a server stores of a title; 0 where none ever did."""
        return self._acted_at.get((server, user, title), 0.0)

    def item(self, server: str, title: str) -> str | None:
        """Return the first item of a title on a server, where it has one."""
        return next(iter(self.household.servers[server].items_of(title)), None)

    def play(self, server: str, user: str, title: str, at_ms: int | None = None) -> Sitting | None:
        """Begin to play a title where it was left, or at a position; nobody plays it on that server yet."""
        item_id = self.item(server, title)
        simulated = self.household.servers[server]
        if item_id is None or not simulated.can_see(simulated.users[user], simulated.holdings[item_id]):
            return None
        if any(one.is_awake for one in self._at(server, user, item_id)):
            return None
        self._numbers += 1
        viewer = simulated.viewer(user, f"Screen {self._numbers}")
        held = viewer.state(item_id).position_ms
        with self._by(Hand.VIEWER):
            session = viewer.play(item_id, at_ms)
            told = held if at_ms is None else -NOISE_MS
            sitting = Sitting(server, user, title, item_id, viewer, session, held, told)
            self.sittings.append(sitting)
        return sitting

    def seek(self, sitting: Sitting, position_ms: int) -> None:
        """Jump to a position."""
        with self._by(Hand.VIEWER):
            sitting.viewer.seek(position_ms)

    def pause(self, sitting: Sitting) -> None:
        """Pause; the app goes on reporting."""
        with self._by(Hand.VIEWER):
            sitting.viewer.pause()

    def resume(self, sitting: Sitting) -> None:
        """Play on after a pause or a sleep."""
        with self._by(Hand.VIEWER):
            sitting.viewer.resume()

    def sleep(self, sitting: Sitting) -> None:
        """Let the device sleep: it reports nothing until it is closed or woken."""
        with self._by(Hand.TIME):
            sitting.viewer.sleep()

    def stop(self, sitting: Sitting) -> None:
        """Close the app, awake or asleep."""
        with self._by(Hand.VIEWER):
            sitting.viewer.stop()
        self.sittings.remove(sitting)

    def finish(self, sitting: Sitting) -> None:
        """Jump to the end and let it end."""
        with self._by(Hand.VIEWER):
            sitting.viewer.finish()
        self.sittings.remove(sitting)

    def clear(self, server: str, user: str, title: str) -> None:
        """Take a title off "Continue watching" as the server's own interface does."""
        self._click(server, user, title, lambda viewer, item_id: viewer.clear(item_id))

    def mark(self, server: str, user: str, title: str, *, watched: bool) -> None:
        """Mark a title by hand."""
        if watched:
            self._click(server, user, title, lambda viewer, item_id: viewer.mark_watched(item_id))
        else:
            self._click(server, user, title, lambda viewer, item_id: viewer.mark_unwatched(item_id))

    def moved(self, server: str, title: str, item_id: str) -> None:
        """Note that a title came back under a new id, with all that is known of it."""
        for truth in self.household.truths.values():
            truth.moved(title, server, item_id)

    def mount(self, server: str, *, mounted: bool) -> None:
        """Take a server's libraries away, or bring them back.

        Writes that were sent before they were away for long are expected no more, and may look like edits (DESIGN 4,
        rule 5: after a day).
        """
        now = self.household.clock.now()
        for library in self.household.servers[server].libraries.values():
            library.mounted = mounted
        if not mounted:
            self._away_since.setdefault(server, now)
        elif now - self._away_since.pop(server, now) > LONG_AWAY:
            self._writes_were_forgotten(server)

    def _writes_were_forgotten(self, server: str) -> None:
        """Note that whatever we wrote to a server may stand, and win."""
        for (name, user), wire in self.household.wires.items():
            for item_id, position_ms in wire.sent if name == server else ():
                title = self.household.title_of(server, item_id) or ""
                here = self.item(server, title)
                if here is not None:
                    self._put_back(self.household.truths[user], title, server, here, position_ms)

    def overwritten(self, server: str, user: str, item_id: str, since: float, position_ms: int) -> None:
        """Note that a write of ours landed over what a viewer did after the run had read the server.

        Nothing tells that from a viewer who did what we wrote (DESIGN 4: accepted), so either may stand in the end.
        """
        simulated = self.household.servers[server]
        touch = self._touch(server, simulated.holdings[item_id].item_id, Act.OVERWRITTEN, position_ms, None)
        touch.began, touch.optional, touch.wide = since, True, True
        title, truth = simulated.holdings[item_id].key, self.household.truths[user]
        truth.lost(title, server)
        truth.add(title, touch)
        for sitting in self._at(server, user, item_id):
            sitting.dateless = True

    @contextmanager
    def _by(self, hand: Hand) -> Iterator[None]:
        """Let somebody's hand act."""
        before, self._hand = self._hand, hand
        try:
            yield
        finally:
            self._hand = before

    def _click(self, server: str, user: str, title: str, act: Callable[[Viewer, str], None]) -> None:
        """Do something in a server's own interface."""
        item_id = self.item(server, title)
        if item_id is not None:
            with self._by(Hand.VIEWER):
                act(self.household.servers[server].viewer(user, "Browser"), item_id)

    def _at(self, server: str, user: str, item_id: str) -> list[Sitting]:
        """Return who sits in front of an item."""
        return [one for one in self.sittings if (one.server, one.user, one.item_id) == (server, user, item_id)]

    def _ends_at(self, sitting: Sitting) -> float | None:
        """Return when a playback will end by itself: at the end of the title, or after silence."""
        if sitting.session.ended:
            return None
        if sitting.session.checks_in:
            return sitting.session.ends_at()
        silence = self.household.servers[sitting.server].timeline.silence_seconds
        return None if silence is None else sitting.session.reported_at + silence

    def _changed(self, server: str, change: StateChange) -> None:
        """Tell a viewer's change from one of ours: writes of ours that land late do so while time passes."""
        entries = self.household.servers[server].entries_of_state(change.key)
        if not entries or entries[0].key not in TITLES:
            return
        late = self._hand is Hand.TIME and change.cause is Cause.WRITE
        if late or self._hand is Hand.NONE:
            self._on_write(server, change, late)
        elif change.cause is not Cause.SETUP:
            user = self.user_of(server, change)
            if user in self.household.truths:
                self._viewer_changed(server, user, entries[0].item_id, change)

    def _viewer_changed(self, server: str, user: str, item_id: str, change: StateChange) -> None:
        """Note what a viewer's change is: a touch, the same told again, or nothing that moves a position."""
        truth, before, after = self.household.truths[user], change.before, change.after
        title = self.household.servers[server].holdings[item_id].key
        self._acted_at[server, user, title] = self.household.clock.now()
        here = self._at(server, user, item_id)
        if before.watched and not after.watched:
            truth.unmarked(title, server)
        if change.cause is Cause.PLAY_START:
            self._began(truth, title, server, item_id, after.position_ms)
            return
        by_app = change.cause in (Cause.PLAY_PROGRESS, Cause.PLAY_STOP)
        tellers = [one for one in here if abs(one.told_ms - after.position_ms) <= SAME_MS]
        if by_app and after.position_ms and tellers:
            self._told_again(truth, title, tellers[0], change)
            return
        newly_watched = after.watched and not before.watched
        below_minimum = change.cause is Cause.PLAY_STOP and not before.position_ms and before.last_played is not None
        marked_again = not by_app and after.watched and before.last_played != after.last_played
        if before.position_ms == after.position_ms and not newly_watched and not below_minimum and not marked_again:
            return
        sitting = next((one for one in here if one.is_awake), here[-1] if here else None) if by_app else None
        act = self._act(sitting, change)
        touch = self._touch(server, item_id, act, after.position_ms, sitting)
        if sitting is not None:
            last = truth.last_on(title, server)
            sitting.told_ms = after.position_ms
            touch.optional = abs(after.position_ms - sitting.from_ms) < DELTA_MS and not newly_watched
            touch.wide = sitting.dateless or self._looks_sent(user, title, touch)
            again = last is not None and last.session is sitting.session and not (last.position_ms or touch.position_ms)
            if again and not newly_watched:
                if before.position_ms:
                    self._put_back(truth, title, server, item_id, 0)
                return
            unclear = _closes_over(sitting, last) or self._starts_over_unseen(user, touch)
            if not newly_watched and not after.position_ms and unclear:
                touch.act, touch.optional, touch.wide = Act.CLEARED, True, True
        elif after.last_played is not None:
            touch.optional = marked_again and not newly_watched
            touch.began = min(touch.began, after.last_played - self.household.servers[server].skew)
        truth.add(title, touch)

    def _began(self, truth: Truth, title: str, server: str, item_id: str, position_ms: int) -> None:
        """Note that somebody began to play where the title stands: who never knew it may take that for an edit."""
        if position_ms:
            touch = self._touch(server, item_id, Act.MOVED, position_ms, None)
            touch.optional = True
            truth.add(title, touch, may_be_stale=False)

    def _told_again(self, truth: Truth, title: str, sitting: Sitting, change: StateChange) -> None:
        """Note that an app told its position again. Over a write of ours that is no touch (DESIGN 4, rule 6).

        Over what a viewer did elsewhere on the same server since then, nothing tells it from a human's return, even if
        we have written there meanwhile.
        """
        server = sitting.server
        last = truth.last_on(title, server)
        if last is None:
            return
        if abs(change.before.position_ms - change.after.position_ms) <= SAME_MS:
            last.last_report = self.household.clock.now()
        elif last.told(change.before.position_ms) or not last.told(change.after.position_ms):
            (entry, *_) = self.household.servers[server].entries_of_state(change.key)
            self._put_back(truth, title, server, entry.item_id, change.after.position_ms)

    def _put_back(self, truth: Truth, title: str, server: str, item_id: str, position_ms: int) -> None:
        """Note that a title may come to stand where no viewer left it last, and that this may stand then."""
        touch = self._touch(server, item_id, Act.OVERWRITTEN, position_ms, None)
        touch.optional = touch.wide = True
        truth.add(title, touch)

    def _looks_sent(self, user: str, title: str, touch: Touch) -> bool:
        """Tell whether a touch comes by chance within ten seconds of a position that we meant to write there.

        It looks like our write, done late, or like an app that was opened there and now closes (DESIGN 4, rules 5, 6).
        """
        wire = self.household.wires.get((touch.server, user))
        sent = wire.sent if wire is not None else ()
        return any(
            abs(position - touch.position_ms) <= NOISE_MS + SAME_MS
            for item_id, position in sent
            if touch.position_ms and self.household.title_of(touch.server, item_id) == title
        )

    def _starts_over_unseen(self, user: str, touch: Touch) -> bool:
        """Tell whether a play known before went back to its start where nobody may see that it goes on.

        Servers that date the start of a play then show what they show of a title that was cleared by hand.
        """
        wire = self.household.wires.get((touch.server, user))
        looks = self.household.truths[user].observations.get(touch.server, [])
        unseen = wire is not None and not wire.troubles.sessions_readable
        return unseen and bool(looks) and touch.began < looks[-1].taken_in

    def _act(self, sitting: Sitting | None, change: StateChange) -> Act:
        """Return what a viewer did."""
        if change.after.position_ms:
            return Act.MOVED
        if sitting is not None:
            duration = sitting.session.duration_ms or 0
            return Act.STARTED_OVER if sitting.session.position_ms * 2 < duration else Act.FINISHED
        return Act.FINISHED if change.after.watched else Act.CLEARED

    def _touch(self, server: str, item_id: str, act: Act, position_ms: int, sitting: Sitting | None) -> Touch:
        """Return a touch that happens now, or when the app reported."""
        simulated = self.household.servers[server]
        now = self.household.clock.now()
        at = sitting.session.reported_at if sitting is not None and self._hand is Hand.TIME else now
        return Touch(
            server=server,
            item_ids={item_id},
            meaning=TRAITS[kind_of(simulated)].date_meaning,
            act=act,
            at=at,
            began=sitting.session.started_at if sitting is not None else now,
            position_ms=position_ms,
            duration_ms=simulated.holdings[item_id].duration_ms or 0,
            session=sitting.session if sitting is not None else None,
        )


def _closes_over(sitting: Sitting, last: Touch | None) -> bool:
    """Tell whether an app closes at 0 over what another left there since it began: as if a viewer had cleared it."""
    return last is not None and last.session is not sitting.session and sitting.session.started_at < last.at
