"""What people do to their titles, seen by the servers, and noted as the truth."""

from collections.abc import Sequence

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from tests.households.media_servers import kind_of
from tests.households.traits import TRAITS
from tests.simulators.state import Cause, StateChange

from .household import Household
from .sitting import Sitting
from .truth import SAME_MS, Act, Touch, Truth

DELTA_MS = 30_000
"""Moves below this are not synced (the guardrail `delta_seconds`), so that they may win, but need not."""


class Witness:
    """Notes a touch for whatever a viewer changes; `sittings` are all in front of an app, as they come and go."""

    def __init__(self, household: Household, sittings: Sequence[Sitting]) -> None:
        """See nothing yet."""
        self.household = household
        self._sittings = sittings
        self._acted_at: dict[tuple[str, str, str], float] = {}

    def acted_at(self, server: str, user: str, title: str) -> float:
        """Return when a viewer's act last changed anything that a server stores of a title; 0 where none ever did."""
        return self._acted_at.get((server, user, title), 0.0)

    def overwritten(self, server: str, user: str, item_id: str, since: float, position_ms: int) -> None:
        """Note that a write of ours landed over what a viewer did after the run had read the server.

        Nothing tells that from a viewer who did what we wrote, so either may stand in the end.
        """
        simulated = self.household.servers[server]
        touch = self._touch(server, simulated.holdings[item_id].item_id, Act.OVERWRITTEN, position_ms, None)
        touch.began, touch.optional, touch.wide = since, True, True
        title, truth = simulated.holdings[item_id].key, self.household.truths[user]
        truth.lost(title, server)
        truth.add(title, touch)
        for sitting in self.sittings_at(server, user, item_id):
            sitting.dateless = True

    def writes_were_forgotten(self, server: str) -> None:
        """Note that whatever we wrote to a server may stand, and win."""
        for (name, user), wire in self.household.wires.items():
            for item_id, position_ms in wire.sent if name == server else ():
                title = self.household.title_of(server, item_id) or ""
                here = next(iter(self.household.servers[server].items_of(title)), None)
                if here is not None:
                    self._put_back(self.household.truths[user], title, server, here, position_ms)

    def viewer_changed(self, server: str, user: str, item_id: str, change: StateChange, *, by_time: bool) -> None:
        """Note what a viewer's change is: a touch, the same told again, or nothing that moves a position.

        `by_time`: the app reported by itself, at a time that has passed.
        """
        truth, before, after = self.household.truths[user], change.before, change.after
        title = self.household.servers[server].holdings[item_id].key
        self._acted_at[server, user, title] = self.household.clock.now()
        here = self.sittings_at(server, user, item_id)
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
        over_or_dated = change.cause is Cause.PLAY_STOP or before.last_played != after.last_played
        below_minimum = by_app and over_or_dated and not before.position_ms and before.last_played is not None
        marked_again = not by_app and after.watched and before.last_played != after.last_played
        if before.position_ms == after.position_ms and not newly_watched and not below_minimum and not marked_again:
            return
        sitting = next((one for one in here if one.is_awake), here[-1] if here else None) if by_app else None
        act = self._act(sitting, change)
        touch = self._touch(server, item_id, act, after.position_ms, sitting)
        touch.from_zero = not before.position_ms and not after.position_ms
        if sitting is not None:
            touch.at = sitting.session.reported_at if by_time else touch.at
            last = truth.last_on(title, server)
            replaced = sitting.told_ms >= 0 and abs(before.position_ms - sitting.told_ms) > SAME_MS
            sitting.told_ms = after.position_ms
            touch.optional = abs(after.position_ms - sitting.from_ms) < DELTA_MS and not newly_watched
            touch.wide = sitting.dateless or self._looks_sent(user, title, touch)
            again = last is not None and last.session is sitting.session and not (last.position_ms or touch.position_ms)
            if again and not newly_watched:
                if before.position_ms:
                    self._put_back(truth, title, server, item_id, 0)
                return
            closes_over = replaced or _closes_over(sitting, last)
            unclear = sitting.dateless or closes_over or self._starts_over(user, touch)
            if not newly_watched and not after.position_ms and unclear:
                touch.act, touch.optional, touch.wide = Act.CLEARED, True, True
                truth.lost(title, server)
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
        """Note that an app told its position again. Over a write of ours that is no touch.

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
            truth.lost(title, server)
            self._put_back(truth, title, server, entry.item_id, change.after.position_ms)

    def _put_back(self, truth: Truth, title: str, server: str, item_id: str, position_ms: int) -> None:
        """Note that a title may come to stand where no viewer left it last, and that this may stand then."""
        touch = self._touch(server, item_id, Act.OVERWRITTEN, position_ms, None)
        touch.optional = touch.wide = True
        truth.add(title, touch)

    def _looks_sent(self, user: str, title: str, touch: Touch) -> bool:
        """Tell whether a touch comes by chance within ten seconds of a position that we meant to write there.

        It looks like our write, done late, or like an app that was opened there and now closes.
        """
        wire = self.household.wires.get((touch.server, user))
        sent = wire.sent if wire is not None else ()
        return any(
            abs(position - touch.position_ms) <= NOISE_MS + SAME_MS
            for item_id, position in sent
            if touch.position_ms and self.household.title_of(touch.server, item_id) == title
        )

    def _starts_over(self, user: str, touch: Touch) -> bool:
        """Tell whether a play known before went back to its start.

        Once it is over, servers that date the start of a play show what they show of a title that was cleared by hand.
        """
        looks = self.household.truths[user].observations.get(touch.server, [])
        return bool(looks) and touch.began < looks[-1].taken_in

    def _act(self, sitting: Sitting | None, change: StateChange) -> Act:
        """Return what a viewer did."""
        if change.after.position_ms:
            return Act.MOVED
        if sitting is not None:
            duration = sitting.session.duration_ms or 0
            return Act.STARTED_OVER if sitting.session.position_ms * 2 < duration else Act.FINISHED
        return Act.FINISHED if change.after.watched else Act.CLEARED

    def _touch(self, server: str, item_id: str, act: Act, position_ms: int, sitting: Sitting | None) -> Touch:
        """Return a touch that happens now."""
        simulated = self.household.servers[server]
        now = self.household.clock.now()
        return Touch(
            server=server,
            item_ids={item_id},
            meaning=TRAITS[kind_of(simulated)].date_meaning,
            act=act,
            at=now,
            began=sitting.session.started_at if sitting is not None else now,
            position_ms=position_ms,
            duration_ms=simulated.holdings[item_id].duration_ms or 0,
            session=sitting.session if sitting is not None else None,
        )

    def sittings_at(self, server: str, user: str, item_id: str) -> list[Sitting]:
        """Return who sits in front of an item."""
        return [one for one in self._sittings if (one.server, one.user, one.item_id) == (server, user, item_id)]


def _closes_over(sitting: Sitting, last: Touch | None) -> bool:
    """Tell whether an app closes at 0 over what another left there since it began: as if a viewer had cleared it."""
    return last is not None and last.session is not sitting.session and sitting.session.started_at < last.at
