"""One run over two accounts: read, match, resolve, plan, apply, verify, record. No step reaches back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from ..ledger import Ledger
from ..model import Action, PairRules, Reason, Side
from ..off_loop import MANY
from ..plan.brake import Approval
from ..plan.decision import AccountError, Decision, Report
from ..plan.planner import plan
from ..plan.removal import record_tombstones, tombstone_key
from ..plan.scene import Copy, Scene
from .account import Account
from .apply import Outcome, apply, jobs_for, save_intents
from .clock_step import step_back
from .record import record_outcome, remember, worth_remembering
from .resolve import resolve, titles_to_resolve

type _Draft = tuple[list[Decision], Mapping[Side, tuple[Copy, ...]], Mapping[Side, set[str]]]

CONFIRM_AFTER_MS = 60_000


class RunMode(StrEnum):
    """How far a run goes: to the end; as far as the plan; or that far without a trace."""

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
) -> Report:
    """Run one pair once and report on every title.

    `save` persists both journals and the ledger: it is awaited before the first write, and at the end when anything
    changed. Reads older than `not_before` are not believed. `full` looks at every title anew. Raises `AccountError`
    where an account could not be read completely; nothing is planned then.
    """
    if mode is RunMode.PREVIEW:
        left, right, ledger = left.copy(), right.copy(), ledger.copy()
    pair = _Pair(left, right, rules, ledger, now)
    before = ledger.copy()
    started_at = now()
    pair.prepare(full=full)
    await _side_by_side(left.read(not_before, now), right.read(not_before, now))
    decisions = await pair.decide(approval)
    failures: tuple[AccountError, ...] = ()
    if mode is RunMode.SYNC:
        decisions, failures = await pair.carry_out(decisions, save)
        record_tombstones(ledger, decisions, approval, now())
        ledger.approved = ledger.approved or not _is_first_sync_held(decisions)
    to_remember = await pair.off_loop(lambda pair: worth_remembering(pair.accounts, decisions))
    remember(pair.accounts, ledger, decisions, to_remember, now())
    changed = ledger != before or left.unsaved or right.unsaved
    if changed and mode is not RunMode.PREVIEW:
        await save()
        left.mark_saved()
        right.mark_saved()
    waiting = [one.recorded_at for one in ledger.waiting.values()] if _awaits_confirmation(decisions) else []
    return Report(
        decisions=tuple(decisions),
        started_at=started_at,
        finished_at=now(),
        applied=mode is RunMode.SYNC,
        confirm_at=min(waiting) + CONFIRM_AFTER_MS if waiting else None,
        changed=changed,
        failures=failures,
    )


class _Pair:
    """The two accounts of a run with what they are run by."""

    def __init__(self, left: Account, right: Account, rules: PairRules, ledger: Ledger, now: Callable[[], int]) -> None:
        """Bring together what a run works on."""
        self.accounts: Mapping[Side, Account] = {Side.LEFT: left, Side.RIGHT: right}
        self.rules = rules
        self.ledger = ledger
        self.now = now

    def prepare(self, *, full: bool) -> None:
        """Bring stored times and settled decisions into line with the clock and the rules of now."""
        now = self.now()
        step_back([account.journal for account in self.accounts.values()], [self.ledger], now)
        self.ledger.step_back(now)
        if full:
            self.ledger.forget_settled()
            for account in self.accounts.values():
                account.server.forget()
        traits = [account.server.traits for account in self.accounts.values()]
        self.ledger.reset_if_rules_changed(f"{self.rules!r} {traits!r}")

    async def decide(self, approval: Approval) -> list[Decision]:
        """Plan with what is known; where something would change, read what is missing and plan again."""
        draft, lonely, unread = await self.off_loop(lambda pair: pair.draft(approval))
        if not any(lonely.values()) and not any(_may_change(decision) for decision in draft):
            return draft
        await _side_by_side(*(account.read_activity() for account in self.accounts.values()))
        await _side_by_side(*(self._read_more(side, unread[side]) for side in Side))
        for side in Side:
            if lonely[side]:
                other = self.accounts[side.other]
                await resolve(side, lonely[side], other, self.ledger, self.now)
        return await self.off_loop(lambda pair: pair.plan(approval))

    def draft(self, approval: Approval) -> _Draft:
        """Plan with what is known, and tell what has to be read for it; changes nothing."""
        decisions = self.plan(approval)
        return decisions, titles_to_resolve(self._scene()), {side: self._unread(side, decisions) for side in Side}

    def plan(self, approval: Approval) -> list[Decision]:
        """Plan with what is known; changes nothing."""
        return plan_scene(self._scene(), approval)

    async def off_loop[T](self, compute: Callable[[_Pair], T]) -> T:
        """Compute something that changes nothing: of many titles with copies, which nobody else changes meanwhile."""
        size = max(len(account.journal.entries) for account in self.accounts.values())
        if size < MANY:
            return compute(self)
        left, right = (account.copy() for account in self.accounts.values())
        copied = _Pair(left, right, self.rules, self.ledger.copy(), self.now)
        return await asyncio.to_thread(compute, copied)

    async def carry_out(
        self, decisions: list[Decision], save: Callable[[], Awaitable[None]]
    ) -> tuple[list[Decision], tuple[AccountError, ...]]:
        """Write and clear; return what the decisions turned out to be."""
        if not any(decision.action in (Action.WRITE, Action.CLEAR) for decision in decisions):
            return decisions, ()
        jobs = {side: jobs_for(self.accounts[side], side, decisions) for side in Side}
        await save_intents([(self.accounts[side], jobs[side]) for side in Side], self.now(), save)
        outcomes: dict[Side, Outcome] = {}

        async def apply_to(side: Side) -> None:
            outcomes[side] = await apply(self.accounts[side], jobs[side], self.now)

        await _side_by_side(*(apply_to(side) for side in Side if jobs[side]))
        if any(outcome.verified for outcome in outcomes.values()):
            self.ledger.before_images = ()
        results: dict[str, Reason | None] = {}
        for side, outcome in outcomes.items():
            results |= record_outcome(self.ledger, side, jobs[side], outcome, self.now())
        done = [self._enter_result(decision, results.get(decision.key, Reason.NOT_VERIFIED)) for decision in decisions]
        return done, tuple(outcome.failure for outcome in outcomes.values() if outcome.failure)

    def _scene(self) -> Scene:
        """Return everything that a plan is made from."""
        left, right = self.accounts[Side.LEFT].shelf(), self.accounts[Side.RIGHT].shelf()
        return Scene(left, right, self.rules, self.ledger, self.now())

    def _unread(self, side: Side, draft: Sequence[Decision]) -> set[str]:
        """Return the items of one account that a change depends on and that have to be read for it.

        Those are what was not read in this round, and the source of a clear: a run confirms with a read of its own.
        """
        account = self.accounts[side]
        confirmed = {one.source_item_id for one in draft if one.action is Action.CLEAR and one.source is side}
        needed = {
            item_id
            for decision in draft
            if _may_change(decision)
            for item_id in (decision.target_item_ids if decision.target is side else (decision.source_item_id,))
        }
        return {item_id for item_id in needed if item_id in confirmed or account.state(item_id) is None}

    async def _read_more(self, side: Side, item_ids: set[str]) -> None:
        """Read items of one account, if there are any to read."""
        if item_ids:
            await self.accounts[side].read_states(item_ids, self.now)

    def _enter_result(self, decision: Decision, failed: Reason | None) -> Decision:
        """Enter a decision that was carried out, or return what it turned into."""
        if decision.action not in (Action.WRITE, Action.CLEAR) or decision.carried is None:
            return decision
        if failed:
            return replace(decision, action=Action.WAIT, reason=failed)
        target = decision.source.other
        if decision.action is Action.CLEAR:
            self.ledger.record_clear(target, self.now())
            self.ledger.waiting.pop(tombstone_key(target, decision.key), None)
        else:
            self.ledger.updated_total += 1
        if decision.carried.reordered:
            self.accounts[decision.source].journal.redate(decision.source_item_id, decision.carried.edit)
        return decision


def plan_scene(scene: Scene, approval: Approval) -> list[Decision]:
    """Plan a scene."""
    return plan(scene.left, scene.right, scene.rules, scene.ledger, scene.now, approval=approval)


def _may_change(decision: Decision) -> bool:
    """Tell whether a decision leads to a change, now or soon."""
    return decision.action in (Action.WRITE, Action.CLEAR, Action.WAIT)


def _awaits_confirmation(decisions: Sequence[Decision]) -> bool:
    """Tell whether a removal waits for nothing but its confirming run."""
    return any(decision.reason is Reason.AWAITING_CONFIRMATION for decision in decisions)


def _is_first_sync_held(decisions: Sequence[Decision]) -> bool:
    """Tell whether positions wait for approval, as only those of a new pair do."""
    return any(one.reason is Reason.HELD_FOR_APPROVAL and one.from_position_ms for one in decisions)


async def _side_by_side(*steps: Awaitable[object]) -> None:
    """Await several steps side by side; the first account's error ends the others."""

    async def step(one: Awaitable[object]) -> None:
        await one

    try:
        async with asyncio.TaskGroup() as group:
            for one in steps:
                group.create_task(step(one))
    except ExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from first.__cause__
