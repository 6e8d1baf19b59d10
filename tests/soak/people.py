"""The people of a household, and what they do in front of their screens."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import partial

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from tests.simulators.playback import CHECK_IN_SECONDS, Viewer
from tests.simulators.state import Cause, StateChange
from tests.simulators.users import User

from .household import Household, standing
from .sitting import Sitting
from .titles import SHELF, TITLES
from .witness import Witness

LONG_AWAY = 12 * 3600
"""For how long libraries may be away, in seconds, until our writes to them may be forgotten; clocks are set as well."""

type OnAccident = Callable[[str, str, str, StateChange], None]
"""Told of a change that an accident made: the server, the user, the item, the change."""

type OnWrite = Callable[[str, StateChange, bool], None]
"""Told of a write of ours: the server, the change, and whether it lands late."""


class Hand(StrEnum):
    """By whose hand states change at this moment: nobody's but ours, a viewer's, that of time, or by accident."""

    NONE = "none"
    VIEWER = "viewer"
    TIME = "time"
    ACCIDENT = "accident"


class People:
    """Lets people act and time pass, before a witness. Changes that no viewer made are told to `on_write`."""

    def __init__(self, household: Household, on_write: OnWrite) -> None:
        """Watch what changes on every server."""
        self.household = household
        self.sittings: list[Sitting] = []
        self._on_write = on_write
        self._hand = Hand.NONE
        self._on_accident: OnAccident | None = None
        self._numbers = 0
        self._away_since: dict[str, float] = {}
        self.witness = Witness(household, self.sittings)
        household.wait = self.wait
        for name, server in household.servers.items():
            server.states.on_change(partial(self._changed, name))

    def wait(self, seconds: float) -> None:
        """Let time pass; stop wherever a playback ends by itself, so that its end is noted in time."""
        end = self.household.clock.now() + seconds
        with self.by(Hand.TIME):
            while (now := self.household.clock.now()) < end:
                due = min([end, *(when for sitting in self.sittings for when in self._due(sitting) if when > now)])
                self.household.clock.advance(due - now)
        self.sittings[:] = [one for one in self.sittings if not one.session.ended or one.may_close]

    def user_of(self, server: str, change: StateChange) -> str:
        """Return whose state changed."""
        users: Iterable[User] = self.household.servers[server].users.values()
        return next(user.name for user in users if user.user_id == change.user_id)

    def item(self, server: str, title: str) -> str | None:
        """Return the first item of a title on a server, where it has one."""
        return next(iter(self.household.servers[server].items_of(title)), None)

    def play(self, server: str, user: str, title: str, at_ms: int | None = None) -> Sitting | None:
        """Begin to play a title where it was left, or at a position; nobody plays it on that server yet."""
        item_id = self.visible_item(server, user, title)
        if item_id is None:
            return None
        simulated = self.household.servers[server]
        if any(one.is_awake for one in self.witness.sittings_at(server, user, item_id)):
            return None
        self._numbers += 1
        viewer = simulated.viewer(user, f"Screen {self._numbers}")
        held = viewer.state(item_id).position_ms
        ahead, is_plain = self.witness.further_on(server, user, item_id, held)
        with self.by(Hand.VIEWER):
            session = viewer.play(item_id, at_ms)
            told = held if at_ms is None else -NOISE_MS
            sitting = Sitting(server, user, title, item_id, viewer, session, held, told, ahead, is_plain)
            self.sittings.append(sitting)
        return sitting

    def seek(self, sitting: Sitting, position_ms: int) -> None:
        """Jump to a position."""
        with self.by(Hand.VIEWER):
            sitting.viewer.seek(position_ms)

    def pause(self, sitting: Sitting) -> None:
        """Pause; the app goes on reporting."""
        with self.by(Hand.VIEWER):
            sitting.viewer.pause()

    def resume(self, sitting: Sitting) -> None:
        """Play on after a pause or a sleep: perhaps behind where the title was left elsewhere meanwhile."""
        ahead, _ = self.witness.further_on(sitting.server, sitting.user, sitting.item_id, sitting.told_ms)
        if ahead is not None:
            sitting.ahead_ms, sitting.ahead_is_plain = ahead, False
        with self.by(Hand.VIEWER):
            sitting.viewer.resume()

    def sleep(self, sitting: Sitting) -> None:
        """Let the device sleep: it reports nothing until it is closed or woken."""
        with self.by(Hand.TIME):
            sitting.viewer.sleep()

    def stop(self, sitting: Sitting) -> None:
        """Close the app, awake or asleep."""
        with self.by(Hand.VIEWER):
            sitting.viewer.stop()
        self.sittings.remove(sitting)

    def finish(self, sitting: Sitting) -> None:
        """Jump to the end and let it end."""
        with self.by(Hand.VIEWER):
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

        Writes that were sent before they were away for long are expected no more, and may look like edits.
        """
        now = self.household.clock.now()
        for library in self.household.servers[server].libraries.values():
            library.mounted = mounted
        if not mounted:
            self._away_since.setdefault(server, now)
        elif now - self._away_since.pop(server, now) > LONG_AWAY:
            self.witness.writes_were_forgotten(server)

    @contextmanager
    def by(self, hand: Hand) -> Iterator[None]:
        """Let somebody's hand act."""
        before, self._hand = self._hand, hand
        try:
            yield
        finally:
            self._hand = before

    @contextmanager
    def by_accident(self, note: OnAccident) -> Iterator[None]:
        """Let something happen that nobody wished, and tell `note` what it changes."""
        self._on_accident = note
        with self.by(Hand.ACCIDENT):
            yield

    def _click(self, server: str, user: str, title: str, act: Callable[[Viewer, str], None]) -> None:
        """Do something in a server's own interface, which shows nothing of a library that is away."""
        item_id = self.visible_item(server, user, title)
        if item_id is not None:
            with self.by(Hand.VIEWER):
                act(self.household.servers[server].viewer(user, "Browser"), item_id)

    def visible_item(self, server: str, user: str, title: str) -> str | None:
        """Return the first item of a title that a server shows to somebody."""
        item_id, simulated = self.item(server, title), self.household.servers[server]
        visible = item_id is not None and simulated.can_see(simulated.users[user], simulated.holdings[item_id])
        return item_id if visible else None

    def _due(self, sitting: Sitting) -> Iterator[float]:
        """Yield when a play has to be looked at: at its end, and at two early reports, where push tells of them."""
        if (ends_at := self._ends_at(sitting)) is not None:
            yield ends_at
        if (sitting.server, sitting.user) in self.household.heard and sitting.is_awake:
            began = sitting.session.started_at
            yield from (began + CHECK_IN_SECONDS, began + 3 * CHECK_IN_SECONDS)

    def _ends_at(self, sitting: Sitting) -> float | None:
        """Return when a playback will end by itself: at the end of the title, or after silence."""
        if sitting.session.ended:
            return None
        if sitting.session.checks_in:
            return sitting.session.ends_at()
        return self.household.servers[sitting.server].timeline.given_up_at(sitting.session)

    def _changed(self, server: str, change: StateChange) -> None:
        """Tell a viewer's change from one of ours: writes of ours that land late do so while time passes."""
        change = replace(change, before=standing(change.before), after=standing(change.after))
        entries = self.household.servers[server].entries_of_state(change.key)
        if not entries or entries[0].key not in TITLES + SHELF:
            return
        if self._hand is Hand.ACCIDENT and self._on_accident is not None:
            self._on_accident(server, self.user_of(server, change), entries[0].item_id, change)
            return
        late = self._hand is Hand.TIME and change.cause is Cause.WRITE
        if late or self._hand is Hand.NONE:
            self._on_write(server, change, late)
        elif change.cause is not Cause.SETUP:
            user = self.user_of(server, change)
            if user in self.household.truths:
                by_time = self._hand is Hand.TIME
                self.witness.viewer_changed(server, user, entries[0].item_id, change, by_time=by_time)
