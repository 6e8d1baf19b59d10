"""What people do to their titles, seen by the servers, and noted as the truth."""

from collections.abc import Sequence
from math import inf

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.model import DateMeaning
from tests.households.media_servers import kind_of
from tests.households.traits import TRAITS
from tests.simulators.playback import CHECK_IN_SECONDS
from tests.simulators.state import Cause, StateChange

from .doubts import Doubts, closes_over as is_closed_over, ends_below_minimum, is_marked_again, loses_its_date
from .household import Household
from .sitting import Sitting
from .truth import LEEWAY_MS, SAME_MS, TOLERANCE, Act, Loss, Lost, Touch, Truth

REGULAR_AFTER = 35.0
"""A play of so many seconds has told its position at least twice."""

DELTA_MS = 30_000
"""Moves below this are not synced (the guardrail `delta_seconds`), so that they may win, but need not."""


class Witness:
    """Notes a touch for whatever a viewer changes; `sittings` are all in front of an app, as they come and go."""

    def __init__(self, household: Household, sittings: Sequence[Sitting]) -> None:
        """See nothing yet."""
        self.household = household
        self._sittings = sittings
        self._doubts = Doubts(household)
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
        touch.began, touch.optional, touch.wide, touch.by_human = since, True, True, False
        title, truth = simulated.holdings[item_id].key, self.household.truths[user]
        truth.lost(title, server)
        truth.add(title, touch)
        for sitting in self.sittings_at(server, user, item_id):
            sitting.dateless = True

    def writes_were_forgotten(self, server: str) -> None:
        """Note that whatever we wrote to a server may stand, and win."""
        for (name, user), wire in self.household.wires.items():
            for item_id, position_ms, _ in wire.sent if name == server else ():
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
        abandoned = next((one for one in here if one.switched_off and one.session.ended), None)
        counted_on = abandoned is not None and abs(abandoned.told_ms - after.position_ms) > SAME_MS
        if by_time and change.cause is Cause.PLAY_STOP and counted_on and abandoned is not None:
            self._counted_on(truth, title, abandoned, change)
            return
        by_app = change.cause in (Cause.PLAY_PROGRESS, Cause.PLAY_STOP)
        tellers = [one for one in here if abs(one.told_ms - after.position_ms) <= SAME_MS]
        if by_app and after.position_ms and tellers:
            self._told_again(truth, title, tellers[0], change)
            return
        if not by_app and loses_its_date(change):
            truth.may_stand(title, self._touch(server, item_id, Act.CLEARED, 0, None), by_human=True)
        newly_watched, marked_again = after.watched and not before.watched, is_marked_again(change, by_app=by_app)
        told_anew = newly_watched or marked_again or ends_below_minimum(change, by_app=by_app)
        if before.position_ms == after.position_ms and not told_anew:
            return
        sitting = next((one for one in here if one.is_awake), here[-1] if here else None) if by_app else None
        act = self._act(sitting, change)
        touch = self._touch(server, item_id, act, after.position_ms, sitting)
        touch.from_zero = not before.position_ms and not after.position_ms
        touch.is_listened_to = (server, user) in self.household.heard
        if sitting is not None:
            touch.at = sitting.session.reported_at if by_time else touch.at
            touch.is_heard = self._hears_stop(sitting, change)
            if not self._is_new(user, title, touch, sitting, change):
                return
        elif after.hidden and not before.hidden:
            # Emby tells of each title whether it is hidden, which nobody does but a viewer.
            touch.act = Act.CLEARED
        elif after.last_played is not None:
            # Marked again where it was watched and in progress: if the date stays, a tool that writes 0 does the same.
            touch.optional = not newly_watched
            touch.wide = touch.optional and not marked_again
            touch.began = min(touch.began, after.last_played - self.household.servers[server].skew)
        if newly_watched and self._doubts.looks_spread(user, title, touch):
            touch.optional = touch.wide = True
        truth.add(title, touch, may_be_stale=self._doubts.may_close_over(user, title, touch))

    def _is_new(self, user: str, title: str, touch: Touch, sitting: Sitting, change: StateChange) -> bool:
        """Tell whether a play's report is a new touch, and note how far anybody can know of that."""
        truth, before, after = self.household.truths[user], change.before, change.after
        newly_watched = after.watched and not before.watched
        last = truth.last_on(title, touch.server)
        replaced = sitting.told_ms >= 0 and abs(before.position_ms - sitting.told_ms) > SAME_MS
        # Woken for some seconds where another place was written meanwhile: as if it had only closed.
        back_at_ms = sitting.told_ms if replaced else sitting.back_at_ms
        closes = abs(after.position_ms - back_at_ms) < NOISE_MS + SAME_MS
        # Paused at 20 min · moved elsewhere · the app closes at 20:05 min: no more than noise.
        goes_on = last is not None and last.session is sitting.session and truth.touches[title][-1] is not last
        closes |= goes_on and last is not None and abs(after.position_ms - last.position_ms) < NOISE_MS
        sitting.told_ms = after.position_ms
        small = closes or abs(after.position_ms - sitting.from_ms) < DELTA_MS
        touch.optional = (small or touch.act is Act.STARTED_OVER) and not newly_watched
        touch.wide = sitting.dateless or closes or self._doubts.looks_sent(user, title, touch)
        went_back = touch.meaning is DateMeaning.LAST_WRITE and touch.position_ms < sitting.from_ms
        if sitting.ahead_ms is None and (went_back or self._doubts.is_forgotten(user, title, sitting)):
            # Nobody knows for how long it has played, or from where: did it know of what was left elsewhere?
            elsewhere = (one for one in truth.touches[title] if one.server != touch.server)
            sitting.ahead_ms = max((one.position_ms for one in elsewhere), default=None)
        if sitting.ahead_ms is not None and 0 < touch.position_ms < sitting.ahead_ms:
            touch.optional = touch.is_behind = True
            # Plex tells when a play ended. One that skipped ahead may have begun before the other place was left.
            lasted_ms = (touch.at - sitting.session.started_at) * 1000
            skipped = (
                touch.meaning is DateMeaning.LAST_WRITE and touch.position_ms - sitting.from_ms > lasted_ms + NOISE_MS
            )
            touch.lowers_before = -inf if sitting.ahead_is_plain and not skipped else inf
        again = last is not None and last.session is sitting.session and not (last.position_ms or touch.position_ms)
        if again and not newly_watched:
            if before.position_ms:
                self._put_back(truth, title, touch.server, sitting.item_id, 0)
            return False
        if not newly_watched and before.position_ms and not after.position_ms:
            self._may_have_failed(truth, title, touch.server, sitting.item_id, before.position_ms)
        closes_over = replaced or is_closed_over(sitting, last)
        unclear = sitting.dateless or closes_over or self._doubts.starts_over(user, touch)
        if not newly_watched and not after.position_ms and unclear:
            touch.act, touch.optional, touch.wide = Act.STARTED_OVER, True, True
            truth.lost(title, touch.server)
        return True

    def _may_have_failed(self, truth: Truth, title: str, server: str, item_id: str, told_ms: int) -> None:
        """Note where an app may have been when it failed: it was so far on at most, if it played on since it told."""
        failed = self._touch(server, item_id, Act.MOVED, told_ms, None)
        failed.reported = [told_ms + seconds * 1000 for seconds in range(int(CHECK_IN_SECONDS) + 1)]
        truth.may_stand(title, failed)

    def lost_place(self, server: str, user: str, item_id: str, change: StateChange, *, how: Loss) -> None:
        """Note that a title lost its place on a server although nobody wished that.

        What nobody had seen there is lost for good. Where all that tells of a play is gone, or an app told a start of
        which nobody may have heard, somebody could have done it.
        """
        truth, now = self.household.truths[user], self.household.clock.now()
        title = self.household.servers[server].holdings[item_id].key
        self._acted_at[server, user, title] = now
        if change.cause is Cause.PLAY_START:
            self._began(truth, title, server, item_id, change.after.position_ms)
        if change.after.position_ms or not change.before.position_ms:
            return
        if how is Loss.ZERO and (server, user) not in self.household.heard and truth.has_unseen(title, server):
            how = Loss.PLAY
        if how in (Loss.HEARD, Loss.PLAY):
            self._may_have_failed(truth, title, server, item_id, change.before.position_ms)
        if how is not Loss.HEARD:
            truth.lost(title, server)
        truth.losses.setdefault(title, []).append(Lost(server, now, how))
        if how in (Loss.PLAY, Loss.RESET):
            act = Act.STARTED_OVER if how is Loss.PLAY else Act.CLEARED
            truth.may_stand(title, self._touch(server, item_id, act, 0, None))

    def went_back(self, server: str, user: str, item_id: str, change: StateChange, *, how: Loss) -> None:
        """Note that a server shows what somebody did earlier, there or elsewhere: that is no act of now."""
        truth, title = self.household.truths[user], self.household.servers[server].holdings[item_id].key
        self._acted_at[server, user, title] = self.household.clock.now()
        if change.before != change.after:
            others = (self.household.position(one, user, title) or 0 for one in self.household.servers if one != server)
            known = any(abs(position - change.before.position_ms) <= LEEWAY_MS for position in others)
            comes_back = known and change.before.position_ms and server in self.household.targets(user)
            truth.lost(title, server, replaced=not comes_back)
            last = truth.last_act(title)
            since = last is not None and last.told(change.before.position_ms, LEEWAY_MS)
            if change.after.watched and (since or not truth.knows_a_finish(title)):
                # Marked where it stood at what came after the finish, or of a finish that nobody saw: as if done now.
                truth.may_stand(title, self._touch(server, item_id, Act.FINISHED, 0, None))
            if not change.after.position_ms:
                self.lost_place(server, user, item_id, change, how=how)

    def told_late(
        self, server: str, user: str, item_id: str, change: StateChange, *, at: float, dated: bool, dateless: bool
    ) -> None:
        """Note where a tablet left a title when nobody could hear of it; `dated`: it told when that was.

        `dateless`: nothing is known of the time but that the last look did not show it.
        """
        truth, title = self.household.truths[user], self.household.servers[server].holdings[item_id].key
        self._acted_at[server, user, title] = self.household.clock.now()
        last = max((one.at for one in truth.touches.get(title, ()) if not one.optional), default=0.0)
        plainly_late = self._doubts.is_plainly_late(user, server, item_id, change)
        # An older date than the server's last one looks like a backup that was restored.
        truth.lost(title, server, replaced=dated and at < last)
        touch = self._touch(server, item_id, Act.MOVED, change.after.position_ms, None)
        touch.at = touch.began = at
        touch.optional = touch.wide = touch.is_late = True
        # Told over a play that began behind, it goes on from there. It counts as left after what was left there before.
        before = truth.last_on(title, server)
        touch.is_behind = before is not None and before.is_behind
        since = -inf if before is None else before.at
        if dateless:
            plainly_late, since = True, max((look.read_at for look in truth.observations.get(server, ())), default=-inf)
        touch.lowers_before = at + TOLERANCE if dated else since if plainly_late else inf
        truth.add(title, touch)

    def hidden(self, server: str, user: str, item_id: str) -> None:
        """Note that a title was taken off a shelf while the server keeps its position: it may be cleared elsewhere."""
        title = self.household.servers[server].holdings[item_id].key
        touch = self._touch(server, item_id, Act.CLEARED, 0, None)
        self.household.truths[user].may_stand(title, touch, by_human=True)

    def further_on(self, server: str, user: str, item_id: str, held_ms: int) -> tuple[int | None, bool]:
        """Return where a title was left last on another server, if a play begins here at another, known place.

        And whether that is plain: a title that jumped further than time went by looks as if it were told late.
        """
        truth, title = self.household.truths.get(user), self.household.servers[server].holdings[item_id].key
        last = truth.last_act(title) if truth is not None else None
        if not held_ms:
            # Begun anew: who knows of another place may take that for behind as well.
            elsewhere = max(self.household.position(one, user, title) or 0 for one in self.household.servers)
            return elsewhere or None, False
        if truth is None or last is None:
            return None, False
        if self._doubts.is_unsettled(server, user, item_id):
            # Did the play begin at what was written a moment ago?
            return max(self.household.position(one, user, title) or 0 for one in self.household.servers), False
        counted_on = truth.counted_on_since(title, last.at)
        if counted_on is not None and counted_on.server != server and held_ms < counted_on.position_ms:
            return counted_on.position_ms, False
        moved_again = last.is_behind
        if moved_again:
            # 20:00 left at 80 min elsewhere · 21:00 played here from 20 to 25, behind · 22:00 from 25 to 50: moved on
            # once more, which may count as the wish to go on here.
            ahead = [one for one in truth.touches[title] if one.by_human and not one.is_behind]
            last = max(ahead, key=lambda one: one.at, default=last)
        looks = truth.observations.get(server, ())
        seen = [look.listed[item_id] for look in looks if item_id in look.listed]
        if abs(last.position_ms - held_ms) < LEEWAY_MS:
            # Left a little apart, which was not worth a write.
            is_apart = last.server != server and abs(last.position_ms - held_ms) >= NOISE_MS
            return last.position_ms if is_apart else None, False
        if last.server == server:
            # Left here, and gone from here since: another server may know it still.
            others = (self.household.position(one, user, title) or 0 for one in self.household.servers)
            still_known = any(abs(one - last.position_ms) < LEEWAY_MS for one in others)
            return last.position_ms if still_known else None, False
        sent = (position for position, _ in self._doubts.sent(user, title, server))
        is_known = any(abs(one - held_ms) < NOISE_MS for one in (*seen, *sent))
        # Begun within seconds of the other's stop: which came first cannot be known.
        at_once = self.household.clock.now() <= last.at + TOLERANCE
        unclear = at_once or (last.optional and not last.is_behind)
        return last.position_ms, is_known and not (moved_again or unclear or truth.jumped(last) or truth.clock_moves)

    def was_heard(self, sitting: Sitting) -> bool:
        """Tell whether push told where an app was, as often as it takes to know it for one that reports by itself."""
        session, setting = sitting.session, (sitting.server, sitting.user)
        lasted = self.household.clock.now() - session.started_at > REGULAR_AFTER
        truth = self.household.truths[sitting.user]
        known = any(sitting.item_id in look.listed for look in truth.observations.get(sitting.server, ()))
        unclear = truth.clock_moves or self.household.restarts > 1
        return setting in self.household.heard and lasted and known and not unclear

    def _counted_on(self, truth: Truth, title: str, sitting: Sitting, change: StateChange) -> None:
        """Note that a server counted on a play of which it heard no more.

        Who cannot know may take that for a stop, or for a finish.
        """
        position_ms = change.after.position_ms
        truth.losses.setdefault(title, []).append(Lost(sitting.server, self.household.clock.now(), Loss.COUNTED))
        if not self.was_heard(sitting):
            act = Act.COUNTED_ON if position_ms else Act.FINISHED
            truth.may_stand(title, self._touch(sitting.server, sitting.item_id, act, position_ms, None))

    def _began(self, truth: Truth, title: str, server: str, item_id: str, position_ms: int) -> None:
        """Note that somebody began to play where the title stands: who never knew it may take that for an edit."""
        if position_ms:
            touch = self._touch(server, item_id, Act.MOVED, position_ms, None)
            touch.optional, touch.by_human = True, False
            truth.add(title, touch, may_be_stale=False)

    def _told_again(self, truth: Truth, title: str, sitting: Sitting, change: StateChange) -> None:
        """Note that an app told its position again. Over a write of ours that is no touch.

        Over what a viewer did elsewhere on the same server since then, nothing tells it from a human's return, even if
        we have written there meanwhile.
        """
        server = sitting.server
        if abs(change.before.position_ms - change.after.position_ms) > SAME_MS:
            sitting.back_at_ms = change.after.position_ms
        last = truth.last_on(title, server)
        if last is None:
            return
        if abs(change.before.position_ms - change.after.position_ms) <= SAME_MS:
            last.last_report = self.household.clock.now()
            last.is_heard |= last.session is sitting.session and self._hears_stop(sitting, change)
        elif last.told(change.before.position_ms) or not last.told(change.after.position_ms):
            (entry, *_) = self.household.servers[server].entries_of_state(change.key)
            truth.lost(title, server)
            self._put_back(truth, title, server, entry.item_id, change.after.position_ms)

    def _hears_stop(self, sitting: Sitting, change: StateChange) -> bool:
        """Tell whether push tells at once where an app stopped."""
        is_heard = self.household.stops_told and (sitting.server, sitting.user) in self.household.heard
        return is_heard and change.cause is Cause.PLAY_STOP

    def _put_back(self, truth: Truth, title: str, server: str, item_id: str, position_ms: int) -> None:
        """Note that a title may come to stand where no viewer left it last, and that this may stand then."""
        truth.may_stand(title, self._touch(server, item_id, Act.OVERWRITTEN, position_ms, None))

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
            from_ms=sitting.from_ms if sitting is not None else position_ms,
        )

    def sittings_at(self, server: str, user: str, item_id: str) -> list[Sitting]:
        """Return who sits in front of an item."""
        return [one for one in self._sittings if (one.server, one.user, one.item_id) == (server, user, item_id)]
