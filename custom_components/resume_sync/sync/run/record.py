"""What a run remembers of its decisions, so that the next one need not look at everything again."""

from collections.abc import Iterator, Mapping, Sequence

from ..ledger import BeforeImage, FailedLookup, Ledger, Settled, item_key
from ..model import Action, Reason, Side
from ..plan.decision import Decision
from .account import Account
from .apply import Job, Outcome
from .resolve import lookup_keys

type Accounts = Mapping[Side, Account]


def record_outcome(
    ledger: Ledger, side: Side, jobs: Sequence[Job], outcome: Outcome, now: int
) -> dict[str, Reason | None]:
    """Enter what became of the jobs; return by title key why a decision did not work, None where it did."""
    results: dict[str, Reason | None] = {}
    for job in jobs:
        if job.item_id in outcome.verified:
            image = BeforeImage(side, job.item_id, job.base.position_ms, job.position_ms, job.before_edit)
            ledger.before_images = (*ledger.before_images, image)
            results.setdefault(job.key, None)
            continue
        reason = Reason.WRITE_FAILED if job.item_id in outcome.failed else Reason.NOT_VERIFIED
        if job.item_id in outcome.attempted and outcome.failure is None:
            ledger.failed_attempt(side, job.item_id, job.position_ms, reason, now)
        results[job.key] = reason
    return results


def worth_remembering(accounts: Accounts, decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions of which there is something to remember; changes nothing."""
    return [one for one in decisions if not _same_position(one) or any(_with_older_edits(accounts, one))]


def remember(
    accounts: Accounts, ledger: Ledger, decisions: Sequence[Decision], to_remember: Sequence[Decision], now: int
) -> None:
    """Remember what need not be looked at again, and keep what must not be forgotten."""
    for decision in to_remember:
        _settle(accounts, ledger, decision, now)
        _take_over_edit(accounts, decision)
        _keep_zeros(accounts, decision, now)
    unresolved = [one for one in decisions if one.action is Action.UNRESOLVED]
    ledger.note_unresolved([item_key(one.source, one.source_item_id) for one in unresolved], now)
    alive = {side: _in_progress(accounts[side]) for side in Side}
    ledger.keep_only(alive[Side.LEFT], alive[Side.RIGHT])
    targets = {
        item_key(decision.target, item_id)
        for decision in decisions
        if decision.action is Action.WAIT or decision.reason is Reason.NEAR_END
        for item_id in decision.target_item_ids
    }
    ledger.attempts = {key: one for key, one in ledger.attempts.items() if key in targets}
    for account in accounts.values():
        account.journal.prune(now)
    if ledger.started_at is None:
        ledger.started_at = min(account.journal.read_at or now for account in accounts.values())


def _settle(accounts: Accounts, ledger: Ledger, decision: Decision, now: int) -> None:
    """Remember that nothing can be done about a title of which only this item is known in progress."""
    if decision.reason is Reason.AMBIGUOUS:
        key = item_key(decision.source, decision.source_item_id)
        revision = accounts[decision.source.other].server.library_revision
        ledger.links.pop(key, None)
        known_by = lookup_keys(ledger, decision.source, decision.item)
        ledger.failed[key] = FailedLookup(Reason.AMBIGUOUS, known_by, now, revision)
    one_sided = decision.from_position_ms and not decision.to_position_ms
    if decision.action is Action.NONE and one_sided:
        other = accounts[decision.source.other].journal.entries
        if decision.target_item_ids and not any(item_id in other for item_id in decision.target_item_ids):
            ledger.settled[item_key(decision.source, decision.source_item_id)] = Settled(
                decision.from_position_ms or 0, decision.edit, decision.reason, decision.target_item_ids
            )


def _take_over_edit(accounts: Accounts, decision: Decision) -> None:
    """Give a target that stands where the source was left later the source's edit, as if it had been written.

    Otherwise other pairs of the target would hold its older edit against what was done last.
    """
    if decision.edit is not None and (_same_position(decision) or decision.reason is Reason.BELOW_DELTA):
        for item_id in _with_older_edits(accounts, decision):
            accounts[decision.target].journal.redate(item_id, decision.edit)


def _with_older_edits(accounts: Accounts, decision: Decision) -> Iterator[str]:
    """Yield the items of the target that were left earlier than the source, where both are in progress."""
    entries = accounts[decision.target].journal.entries
    both = decision.from_position_ms and decision.to_position_ms
    for item_id in decision.target_item_ids if both else ():
        entry = entries.get(item_id)
        if entry is not None and decision.edit is not None and decision.edit.later_than(entry.edit):
            yield item_id


def _keep_zeros(accounts: Accounts, decision: Decision, now: int) -> None:
    """Keep the journal's knowledge of a 0 while the title is in progress on the other side."""
    if not decision.to_position_ms:
        for item_id in decision.target_item_ids:
            accounts[decision.source.other].journal.keep(item_id, now)
    if not decision.from_position_ms:
        accounts[decision.source].journal.keep(decision.source_item_id, now)


def _same_position(decision: Decision) -> bool:
    """Tell whether both sides are in progress at the same position."""
    return decision.reason is Reason.IN_SYNC and bool(decision.from_position_ms and decision.to_position_ms)


def _in_progress(account: Account) -> set[str]:
    """Return the items in progress on an account."""
    snapshot = account.snapshot
    return set(snapshot.items) if snapshot else set()
