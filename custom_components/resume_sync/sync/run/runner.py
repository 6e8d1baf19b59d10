"""One run over two accounts: read, plan, read what the plan lacks, plan again, write, read back, record, save."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..ledger import Ledger
from ..model import Action, Direction, PairRules, Reason, RemoveMode, Side
from ..off_loop import MANY
from ..plan.brake import Approval, record_held, release, replaces_position
from ..plan.decision import AccountError, Decision, Report
from ..plan.planner import plan
from ..plan.removal import record_tombstones, tombstone_key
from ..plan.scene import Copy, Scene
from .account import Account
from .apply import Outcome, apply, save_intents
from .clock_step import step_back
from .history import Origin
from .jobs import Planned, jobs_for
from .record import record_outcome, remember, retry_after_plays, take_over_images, worth_remembering
from .resolve import copies_to_tell_apart, resolve, titles_to_resolve

type _Draft = tuple[list[Decision], Mapping[Side, tuple[Copy, ...]], Mapping[Side, set[str]]]

CONFIRM_AFTER_MS = 60_000
"""A removal may be confirmed this long after it was recorded."""


class RunMode(StrEnum):
    """How far a run goes: to the writes, to the plan (its reads are kept), or to a plan that leaves no trace."""

    SYNC = "sync"
    PLAN = "plan"
    PREVIEW = "preview"


async def run(
    left: Account,
    right: Account,
    rules: PairRules,
    ledger: Ledger,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
    not_before: int,
    mode: RunMode = RunMode.SYNC,
    full: bool = False,
    approval: Approval = Approval.NOTHING,
    run_id: str = "",
    pair_id: str = "",
) -> Report:
    """Run one pair once and return the report on every title.

    `now` returns epoch milliseconds. `save` stores both journals and the ledger: awaited before the first write, and at
    the end if anything changed. Listings that began before `not_before` are read again. `full` forgets caches and
    settled decisions first. `approval` names the brakes to release. `run_id` and `pair_id` name what is written in the
    histories. Raises `AccountError` where an account cannot be read completely; nothing is written then.
    """
    # A preview works on copies: its reads are of no use to later runs, and leave no trace in them.
    if mode is RunMode.PREVIEW:
        left, right, ledger = left.copy(), right.copy(), ledger.copy()
    pair = _Pair(left, right, rules, ledger, now, pair_id=pair_id)
    before = ledger.copy()
    started_at = now()
    pair.prepare(full=full)
    await _side_by_side(left.read(not_before, now), right.read(not_before, now))
    take_over_images(pair.accounts, ledger, pair_id, now())
    release(ledger, approval)
    decisions = await pair.decide(approval)
    # Nothing was written up to here. Errors of a server from here on are part of the report: the other side goes on.
    done = _Done(decisions)
    if mode is RunMode.SYNC:
        done = await pair.carry_out(decisions, save, run_id)
        decisions = done.decisions
        record_held(ledger, decisions, now())
        record_tombstones(ledger, decisions, now())
        # The brake on a first sync is on until a run passes it: by approval, or because there was little to change.
        ledger.approved = ledger.approved or not _is_first_sync_held(decisions)
        if Approval.FIRST_SYNC in approval and rules.remove is RemoveMode.MIRROR:
            ledger.mirror_agreed_at = now()
    to_remember = await pair.off_loop(lambda pair: worth_remembering(pair.accounts, decisions))
    remember(pair.accounts, ledger, decisions, to_remember, now())
    changed = ledger != before or left.unsaved or right.unsaved
    if changed and mode is not RunMode.PREVIEW:
        await save()
        left.mark_saved()
        right.mark_saved()
    # A confirming run helps only removals that wait for it alone: none while a viewer has the title open, say.
    waiting = [one.recorded_at for one in ledger.waiting.values()] if _awaits_confirmation(decisions) else []
    return Report(
        decisions=tuple(decisions),
        started_at=started_at,
        finished_at=now(),
        applied=mode is RunMode.SYNC,
        confirm_at=min(waiting) + CONFIRM_AFTER_MS if waiting else None,
        changed=changed,
        failures=done.failures,
        disturbed=done.disturbed,
        run_id=run_id if mode is RunMode.SYNC else None,
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """The decisions as they turned out, the errors of servers that went away, and the titles that writes disturbed."""

    decisions: list[Decision]
    failures: tuple[AccountError, ...] = ()
    disturbed: frozenset[str] = frozenset()


class _Pair:
    """The two accounts of a run, with its rules, ledger and clock."""

    def __init__(
        self,
        left: Account,
        right: Account,
        rules: PairRules,
        ledger: Ledger,
        now: Callable[[], int],
        *,
        pair_id: str,
    ) -> None:
        """Start with accounts that may not have been read yet."""
        self.accounts: Mapping[Side, Account] = {Side.LEFT: left, Side.RIGHT: right}
        self.rules = rules
        self.ledger = ledger
        self.now = now
        self.pair_id = pair_id
        self.planned = Planned(0, {})

    def prepare(self, *, full: bool) -> None:
        """Adapt stored times to the present clock, and settled decisions to the present rules.

        `full` forgets settled decisions, failed look-ups and the servers' caches.
        """
        now = self.now()
        accounts = list(self.accounts.values())
        step_back([one.journal for one in accounts], [self.ledger], now, [one.history for one in accounts])
        self.ledger.step_back(now)
        if full:
            self.ledger.forget_settled()
            for account in self.accounts.values():
                account.server.forget()
        # A removal on Plex may be that of a title that somebody hid there: only its hub tells.
        one_way = {Direction.TO_PEER: Side.RIGHT, Direction.FROM_PEER: Side.LEFT}
        if self.rules.remove is not RemoveMode.OFF:
            for side in set(Side) - {one_way.get(self.rules.direction)}:
                self.accounts[side].hub.want(now)
        traits = [account.server.traits for account in self.accounts.values()]
        # A film at 50 s was left alone by a minimum of 60 s. With a minimum of 30 s it has to be decided anew.
        limits = [(one.can_clear, one.minimum_ms, one.watched_percent) for one in traits]
        self.ledger.reset_if_rules_changed(f"{self.rules!r} {limits!r}")

    async def decide(self, approval: Approval) -> list[Decision]:
        """Plan; where a title may change or has no known counterpart, read what is missing and plan again."""
        retry_after_plays(self.accounts, self.ledger, self.now())
        draft, lonely, unread = await self.off_loop(lambda pair: pair.draft(approval))
        # The idle round ends here: one listing of each account, and no other request.
        if not any(lonely.values()) and not any(decision.may_change for decision in draft):
            return draft
        # From here on there may be writes. They depend on who plays, on fresh states, and on counterparts.
        await _side_by_side(*(account.read_activity() for account in self.accounts.values()))
        await _side_by_side(*(self._read_more(side, unread[side]) for side in Side))
        for side in Side:
            if lonely[side]:
                other = self.accounts[side.other]
                await resolve(side, lonely[side], other, self.ledger, self.now)
        await self._tell_copies_apart()
        self.planned = Planned.now(self.accounts, self.now())
        return await self.off_loop(lambda pair: pair.plan(approval))

    async def _tell_copies_apart(self) -> None:
        """Learn the libraries of copies that fit a position alike, and read those that were not read in this round."""
        alike = await self.off_loop(lambda pair: copies_to_tell_apart(pair._scene()))  # noqa: SLF001  # a copy of itself
        for side in Side:
            account = self.accounts[side]
            await self._read_more(side, {key for key in alike[side] if account.state(key) is None} - account.unasked)
        await _side_by_side(*(self.accounts[side].read_libraries(alike[side]) for side in Side))

    def draft(self, approval: Approval) -> _Draft:
        """Return a plan, by side the titles without a known counterpart, and the item ids to read; changes nothing."""
        decisions = self.plan(approval)
        return decisions, titles_to_resolve(self._scene()), {side: self._unread(side, decisions) for side in Side}

    def plan(self, approval: Approval) -> list[Decision]:
        """Return a plan from all that is known now; changes nothing."""
        scene = self._scene()
        return plan(scene.left, scene.right, scene.rules, scene.ledger, scene.now, approval=approval)

    async def off_loop[T](self, compute: Callable[[_Pair], T]) -> T:
        """Return `compute` of this pair: from 500 titles on in a thread, on copies that no other task changes."""
        size = max(len(account.journal.entries) for account in self.accounts.values())
        if size < MANY:
            return compute(self)
        # A cancelled run leaves the thread computing to its end. It has copies, so that its result is lost and no more.
        left, right = (account.copy() for account in self.accounts.values())
        copied = _Pair(left, right, self.rules, self.ledger.copy(), self.now, pair_id=self.pair_id)
        return await asyncio.to_thread(compute, copied)

    async def carry_out(self, decisions: list[Decision], save: Callable[[], Awaitable[None]], run_id: str) -> _Done:
        """Write and clear; return what came of it."""
        if not any(decision.action in (Action.WRITE, Action.CLEAR) for decision in decisions):
            return _Done(decisions)
        jobs = {side: jobs_for(self.accounts, side, decisions, self.planned, self.pair_id) for side in Side}
        origin = Origin(run_id, first=not self.ledger.approved)
        await save_intents([(self.accounts[side], jobs[side]) for side in Side], self.now(), save, origin)
        outcomes: dict[Side, Outcome] = {}

        async def apply_to(side: Side) -> None:
            repaired = self.ledger.repaired_on(side)
            outcomes[side] = await apply(self.accounts[side], jobs[side], self.now, repaired=repaired)

        await _side_by_side(*(apply_to(side) for side in Side if jobs[side]))
        results: dict[str, Reason | None] = {}
        for side, outcome in outcomes.items():
            results |= record_outcome(self.ledger, side, jobs[side], outcome, self.now())
        return _Done(
            [self._enter_result(decision, results.get(decision.key, Reason.NOT_VERIFIED)) for decision in decisions],
            tuple(outcome.failure for outcome in outcomes.values() if outcome.failure),
            frozenset(job.key for side, one in outcomes.items() for job in jobs[side] if job.item_id in one.disturbed),
        )

    def _scene(self) -> Scene:
        """Return the input of a plan: both shelves as they are now, the rules and the ledger."""
        left, right = self.accounts[Side.LEFT].shelf(), self.accounts[Side.RIGHT].shelf()
        return Scene(left, right, self.rules, self.ledger, self.now())

    def _unread(self, side: Side, draft: Sequence[Decision]) -> set[str]:
        """Return the ids of one account's items that have to be read before a plan may change anything.

        These are items that the listing did not show, and the source of each clear.
        """
        account = self.accounts[side]
        # A shared listing of 20:00:30 may still show the 0 of 20:00. A clear is confirmed by a read of its own.
        confirmed = {one.source_item_id for one in draft if one.action is Action.CLEAR and one.source is side}
        needed = {
            item_id
            for decision in draft
            if decision.may_change
            for item_id in (decision.target_item_ids if decision.target is side else (decision.source_item_id,))
        }
        unread = {item_id for item_id in needed if account.state(item_id) is None} - account.unasked
        return unread | (needed & confirmed)

    async def _read_more(self, side: Side, item_ids: set[str]) -> None:
        """Read these items of one account; without any, no request is made."""
        if item_ids:
            await self.accounts[side].read_states(item_ids, self.now)

    def _enter_result(self, decision: Decision, failed: Reason | None) -> Decision:
        """Count a write or clear that worked; return the decision, waiting for the reason `failed` where it did not."""
        if decision.action not in (Action.WRITE, Action.CLEAR) or decision.carried is None:
            return decision
        # The tombstone of a failed clear stays: the next try needs no second confirmation.
        if failed:
            action = Action.UNRESOLVED if failed is Reason.GONE else Action.WAIT
            return replace(decision, action=action, reason=failed)
        target, key = decision.target, tombstone_key(decision.target, decision.key)
        if decision.action is Action.CLEAR:
            self.ledger.record_clear(target, decision.key, self.now())
            self.ledger.waiting.pop(key, None)
        else:
            self.ledger.record_write(decision.key, self.now(), replaces=key if replaces_position(decision) else None)
        # The target shows the later bound of both edits now. The source takes it over, so that neither is later.
        if decision.carried.reordered:
            self.accounts[decision.source].journal.redate(decision.source_item_id, decision.carried.edit)
        return decision


def _awaits_confirmation(decisions: Sequence[Decision]) -> bool:
    """Tell whether a removal waits for its confirming run alone."""
    return any(decision.reason is Reason.AWAITING_CONFIRMATION for decision in decisions)


def _is_first_sync_held(decisions: Sequence[Decision]) -> bool:
    """Tell whether a first sync is held: only then do positions, not removals, wait for approval."""
    return any(one.is_held_change and one.from_position_ms for one in decisions)


async def _side_by_side(*steps: Awaitable[object]) -> None:
    """Await several steps side by side; the first error cancels the others and is raised."""

    async def step(one: Awaitable[object]) -> None:
        await one

    try:
        async with asyncio.TaskGroup() as group:
            for one in steps:
                group.create_task(step(one))
    except ExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from first.__cause__
