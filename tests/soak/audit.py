"""What must be true of every single write, and of every report, at the moment when they come."""

from collections import Counter
from collections.abc import Mapping
from math import inf

from custom_components.resume_sync.sync.model import Action, Reason, RemoveMode, Side
from custom_components.resume_sync.sync.plan.decision import Decision, Report
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.simulators.state import StateChange, WatchState

from .direct import DirectServer
from .household import Household, Pair, Run
from .people import People
from .truth import LEEWAY_MS, SAME_MS, Act, Touch, Truth
from .wire import WRITES, Wire

REASONS: Mapping[str, str] = {
    Action.WRITE: "newer_position only_on_source higher_position mirrored put_back",
    Action.CLEAR: "cleared_on_source finished_on_source mirrored hidden_on_source",
    Action.WAIT: "awaiting_confirmation playing_on_target playing_on_source held_for_approval not_verified write_failed"
    " not_kept started_behind",
    Action.NONE: "in_sync below_minimum below_delta near_end duration_differs target_newer finished_on_target"
    " cleared_on_target add_off remove_off not_supported ignored undone lost_on_source without_ids",
    Action.UNRESOLVED: "no_ids not_found ambiguous gone unreadable",
}
"""The reasons of each action, in the words of the contract."""


FRESH_SECONDS = 5.0
"""A target is read again before it is written, where its last read was answered longer ago than this."""

WAITS_IN_A_ROW = 10
"""So often the latency passes between a read and the last of four writes that are sent at once: the clock of a schedule
adds up what goes on side by side, there and back each time."""


class Audit:
    """Watches every write of ours. `violations` are told in words, `checked` counts checks by invariant.

    `ignored` counts by server, user and title the writes that a server took without storing them in time.
    `unasked_clears` counts our clears of titles that a human left at a position last, `lowered` our writes over a place
    further on by one that was told late or begun behind it.
    """

    def __init__(self, household: Household) -> None:
        """Watch a household; `people` are those who move in."""
        self.household = household
        self.people = People(household, self._written)
        household.on_run = self._judge
        self.violations: list[str] = []
        self.ignored: Counter[tuple[str, str, str]] = Counter()
        self.checked: Counter[int] = Counter()
        self.unasked_clears = self.lowered = 0
        self._landed_late_at: dict[tuple[str, str, str], float] = {}

    def expect(self, invariant: int, holds: bool, complaint: str) -> None:
        """Count one check of an invariant, and note where it is violated."""
        self.checked[invariant] += 1
        if not holds:
            at = int(self.household.clock.now())
            self.violations.append(f"invariant {invariant}, at {at}: {complaint}")

    def state(self) -> object:
        """Return all of our state that a preview could leave a trace in; what it does to servers is seen anyway."""
        household = self.household
        return {name: household.encoded(name) for name in household.accounts}, dict(household.disk)

    def _judge(self, run: Run) -> None:
        """Check what a run reports."""
        if run.report is None:
            self._note_unknown_fate(run)
            return
        decisions = run.report.decisions
        counts = Counter(decision.key for decision in decisions)
        self.expect(8, max(counts.values(), default=1) == 1, f"{run.pair.name}: two decisions of one title")
        titles = Counter(self._title(run.pair, decision) for decision in decisions)
        self.expect(8, max(titles.values(), default=1) == 1, f"{run.pair.name}: two decisions of one title: {titles}")
        for title in self._shown_in_progress(run):
            self.expect(8, title in titles, f"{run.pair.name}: no decision on {title}")
        for decision in decisions:
            fits = decision.reason in REASONS[decision.action].split()
            self.expect(8, fits, f"{run.pair.name}: {decision.action} because of {decision.reason}")
            if decision.reason is Reason.NOT_VERIFIED:
                target = run.pair.right if decision.source is Side.LEFT else run.pair.left
                self.ignored[target, run.pair.user, self._title(run.pair, decision)] += 1
            if run.mode is RunMode.SYNC and decision.action in (Action.WRITE, Action.CLEAR):
                self._expect_read_back(run, decision)
        self._expect_only_decided_writes(run, run.report)

    def _note_unknown_fate(self, run: Run) -> None:
        """Count the writes of a run that did not come to its report as ignored: they may have been."""
        for server, user in run.pair.accounts:
            calls = self.household.wires[server, user].calls
            sent = {item for call in calls if call.at >= run.began and call.route in WRITES for item in call.item_ids}
            for item_id in sent:
                self.ignored[server, user, self.household.title_of(server, item_id) or ""] += 1

    def _written(self, server: str, change: StateChange, late: bool) -> None:
        """Check one write of ours, at the moment when it takes effect; a late one belongs to no run any more."""
        household, run = self.household, None if late else self.household.run
        user = self.people.user_of(server, change)
        entry = household.servers[server].entries_of_state(change.key)[0]
        wire = household.wires.get((server, user))
        asked = run is not None and run.mode is RunMode.SYNC and (server, user) in run.pair.accounts
        allowed = wire is not None and (late or asked)
        what = f"{user}, {entry.key} on {server} from {change.before.position_ms} to {change.after.position_ms}"
        self.expect(5, allowed, f"nobody asked for this write: {what}")
        if wire is None or not allowed:
            return
        self._count(household.truths[user], entry.key, change)
        known_at = self._known_at(wire, entry.item_id, late=late)
        last = household.truths[user].last_on(entry.key, server)
        acted_at = self.people.witness.acted_at(server, user, entry.key)
        overtaken = acted_at >= known_at
        fresh = late or household.clock.now() - known_at <= FRESH_SECONDS + WAITS_IN_A_ROW * household.latency
        self.expect(2, fresh or not overtaken, f"written over what nobody had looked at for too long: {what}")
        marks_as_they_were = _marks(change.before) == _marks(change.after)
        place = (server, user, entry.key)
        touched = overtaken or self._landed_late_at.get(place, 0.0) >= known_at
        if late:
            self._landed_late_at[place] = household.clock.now()
        self.expect(4, marks_as_they_were or touched, f"watched mark or play count changed: {what}")
        if run is not None:
            run.written.add((server, entry.key))
            self.expect(2, entry.item_id not in wire.active, f"written while it is played: {what}")
        if last is not None and last.optional:
            last = household.truths[user].last_on(entry.key, server, certain=True)
        if overtaken:
            self.people.witness.overwritten(server, user, entry.item_id, known_at, change.after.position_ms)
        elif change.after.position_ms:
            self._expect_position(user, entry.key, server, last, change)
        else:
            self._expect_clear(user, entry.key, server, last, run)

    def _count(self, truth: Truth, title: str, change: StateChange) -> None:
        """Count what a viewer would call a loss, whether or not anybody could have known better."""
        before, after = change.before.position_ms, change.after.position_ms
        last = truth.last_act(title)
        if last is not None and last.position_ms and before and not after:
            self.unasked_clears += 1
        sources = [one for one in truth.touches.get(title, ()) if one.told(after)]
        self.lowered += 0 < after < before and bool(sources) and all(one.lowers_before < inf for one in sources)

    def _expect_position(self, user: str, title: str, server: str, last: Touch | None, change: StateChange) -> None:
        """Check that a position comes from a human, and that it replaces nothing newer that must stand.

        It may stand for what was left close to it later, and was not worth a write.
        """
        truth, position = self.household.truths[user], change.after.position_ms
        sources = [touch for touch in truth.touches.get(title, ()) if touch.told(position)]
        what = f"{user}, {title} on {server}: {change.before.position_ms} replaced by {position}"
        self.expect(3, bool(sources), f"nobody ever was there: {what}")
        if last is not None and sources and not self._mirrored(server, user):
            hops = max(sum(pair.user == user for pair in self.household.pairs) - 1, 1)
            near = [touch for touch in truth.touches[title] if touch.told(position, LEEWAY_MS * hops)]
            if position < change.before.position_ms:
                near = [touch for touch in near if touch.lowers_before > last.at]
            newer = any(not truth.certainly_before(title, touch, last) for touch in near)
            self.expect(2, newer, f"a newer position replaced: {what}, {last} after {sources}")

    def _expect_clear(self, user: str, title: str, server: str, last: Touch | None, run: Run | None) -> None:
        """Check that a clear follows from an explicit 0 on the other side that is no older."""
        truth = self.household.truths[user]
        pairs = [run.pair] if run else [pair for pair in self.household.pairs if server in pair.servers]
        pairs = [pair for pair in pairs if pair.rules.remove is not RemoveMode.OFF]
        what = f"{user}, {title} on {server} cleared"
        self.expect(3, bool(pairs), f"removals are off: {what}")
        zeros = [
            touch
            for touch in truth.touches.get(title, ())
            if not touch.position_ms and touch.act in (Act.FINISHED, Act.CLEARED)
        ]
        if not self._mirrored(server, user):
            follows = any(last is None or not truth.certainly_before(title, zero, last) for zero in zeros)
            self.expect(3, follows, f"nobody finished or cleared it: {what}, {last}")
        if run is not None:
            other = run.pair.right if server == run.pair.left else run.pair.left
            items = self.household.servers[other].items_of(title)
            self.expect(3, bool(items), f"cleared because of an absence: {what}")

    def _mirrored(self, server: str, user: str) -> bool:
        """Tell whether a server follows another one whatever its viewers do."""
        return any(
            pair.rules.remove is RemoveMode.MIRROR and server in pair.servers and pair.user == user
            for pair in self.household.pairs
        )

    def _known_at(self, wire: Wire, item_id: str, *, late: bool) -> float:
        """Return when the run read an item for the last time before it wrote; late writes: before that was sent."""
        calls = wire.calls
        if late and isinstance(wire.inner, DirectServer):
            sent_at = wire.inner.landed_sent_at
            calls = [call for call in calls if call.at <= sent_at]
        read = [call.at for call in calls if call.route == "list" or item_id in call.shown]
        return read[-1] if read else 0.0

    def _title(self, pair: Pair, decision: Decision) -> str:
        """Return the title that a decision is about."""
        source = decision.source or Side.LEFT
        for side, ids in ((source, (decision.source_item_id,)), (source.other, decision.target_item_ids)):
            server = pair.left if side is Side.LEFT else pair.right
            for item_id in ids:
                title = self.household.title_of(server, item_id) if item_id else None
                if title is not None:
                    return title
        return decision.key

    def _shown_in_progress(self, run: Run) -> set[str]:
        """Return the titles that the listings of a run's accounts told, readable or not, and that are still there."""
        shown = set()
        for name in run.pair.servers:
            snapshot = self.household.accounts[name, run.pair.user].snapshot
            holdings = self.household.servers[name].holdings
            listed = (*snapshot.items, *snapshot.unknown) if snapshot else ()
            shown |= {entry.key for one in listed if (entry := holdings.get(one))}
        return shown if run.mode is not RunMode.PREVIEW else set()

    def _expect_read_back(self, run: Run, decision: Decision) -> None:
        """Check that a write shown as done was seen on the server after it was sent."""
        target = run.pair.right if decision.source is Side.LEFT else run.pair.left
        wire = self.household.wires[target, run.pair.user]
        position = (decision.from_position_ms or 0) if decision.action is Action.WRITE else 0
        for item_id in decision.target_item_ids:
            calls = [call for call in wire.calls if call.at >= run.began]
            sent = [index for index, call in enumerate(calls) if call.route in WRITES and item_id in call.item_ids]
            hides = decision.carried is not None and decision.carried.hides
            seen = sent and any(
                call.route == "hub"
                if hides
                else item_id in call.shown and abs(call.shown[item_id] - position) <= SAME_MS
                for call in calls[sent[-1] :]
            )
            self.expect(8, bool(seen), f"{run.pair.name}: shown as done, never seen: {decision}")

    def _expect_only_decided_writes(self, run: Run, report: Report) -> None:
        """Check that nothing was written but what decisions say, and nothing at all by a plan or a preview."""
        decided = {
            (run.pair.right if decision.source is Side.LEFT else run.pair.left, self._title(run.pair, decision))
            for decision in report.decisions
            if decision.action in (Action.WRITE, Action.CLEAR, Action.WAIT)
        }
        self.expect(5, run.written <= decided, f"{run.pair.name}: written without a decision: {run.written - decided}")
        writes = run.mode is RunMode.SYNC
        self.expect(6, writes or not run.written, f"{run.pair.name}: a {run.mode} wrote {run.written}")


def _marks(state: WatchState) -> tuple[object, ...]:
    """Return what only viewers may change."""
    return state.watched, state.play_count, state.favorite, state.rating
