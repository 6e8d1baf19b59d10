"""Recording a run: results of writes for back-off, and settled decisions that later runs need not repeat."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..identity import contradicts
from ..journal.edit import NOISE_MS, Edit
from ..ledger import FailedLookup, Ledger, Settled, item_key
from ..media_server import MediaServerError, NotFound
from ..model import Action, Reason, Side
from ..plan.decision import Decision
from .account import Account
from .apply import Outcome
from .history import Line, Origin
from .jobs import Job
from .resolve import lookup_keys

type Accounts = Mapping[Side, Account]


def record_outcome(
    ledger: Ledger, side: Side, jobs: Sequence[Job], outcome: Outcome, now: int
) -> dict[str, Reason | None]:
    """Enter the results of an account's jobs; return by title key the reason to wait, None where done."""
    results: dict[str, Reason | None] = {}
    for job in jobs:
        if job.item_id in outcome.verified:
            # A title of several copies is done when all of them are: a failure of one copy stays in the results.
            results.setdefault(job.key, None)
            ledger.stored_write(side, job.item_id, job.position_ms, job.edit, now)
            continue
        reason = _why_failed(outcome.failed.get(job.item_id))
        # Back-off is for titles that fail on a server that answers. A server that went away is no fault of the title.
        if job.item_id in outcome.sent and outcome.failure is None:
            ledger.failed_attempt(side, job.item_id, job.position_ms, reason, now)
        results[job.key] = reason
    for item_id in outcome.repaired:
        ledger.note_repaired(side, item_id, now)
    return results


def take_over_images(accounts: Accounts, ledger: Ledger, pair_id: str, now: int) -> None:
    """Enter into the histories what a ledger of an earlier version kept of its last run, for an undo."""
    origin = Origin(f"{pair_id}-before")
    lines: list[tuple[Account, Line]] = []
    for number, image in enumerate(ledger.before_images, 1):
        account = accounts[image.side]
        entry = account.journal.entries.get(image.item_id)
        item = account.item(image.item_id) or (entry.as_item(image.item_id) if entry is not None else None)
        if item is None or contradicts(item, image.keys):
            continue
        line = Line(
            line_id=f"{origin.run_id}-{number}",
            origin=origin,
            at=min(now, entry.written_at or now) if entry is not None else now,
            item=item,
            before_ms=image.before_ms,
            after_ms=image.after_ms,
            before_edit=image.before_edit,
            hidden=image.hidden,
            pair_id=pair_id,
            source_id=accounts[image.side.other].account_id,
            confirmed=True,
        )
        lines.append((account, line))
    for account, line in sorted(lines, key=lambda one: one[1].at):
        account.history.add(line)
    ledger.before_images = ()


def _why_failed(error: MediaServerError | None) -> Reason:
    """Return why a write did not show; `error` None: the server accepted it."""
    if error is None:
        return Reason.NOT_VERIFIED
    # The server does not have the item, or not for this user, although a list or a batch showed it.
    return Reason.GONE if isinstance(error, NotFound) else Reason.WRITE_FAILED


def worth_remembering(accounts: Accounts, decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that may leave something to remember; changes nothing."""
    return [one for one in decisions if not _same_position(one) or any(_with_older_edits(accounts, one))]


def remember(
    accounts: Accounts, ledger: Ledger, decisions: Sequence[Decision], to_remember: Sequence[Decision], now: int
) -> None:
    """Enter the decisions of a run into ledger and journals, and drop records that no later run needs."""
    for decision in to_remember:
        _settle(accounts, ledger, decision, now)
        _take_over_edit(accounts, decision)
        _keep_zeros(accounts, decision, now)
    unresolved = [one for one in decisions if one.action is Action.UNRESOLVED]
    ledger.note_unresolved([item_key(one.source, one.source_item_id) for one in unresolved], now)
    _learn_mapped(accounts, ledger)
    alive = {side: _in_progress(accounts[side]) for side in Side}
    ledger.keep_only(alive[Side.LEFT], alive[Side.RIGHT])
    _keep_tries(ledger, decisions, now)
    for account in accounts.values():
        account.journal.prune(now)
        account.history.settle(account.journal.entries)
        account.history.prune(now)
    # The history begins with the reads of the first run, not with its end: a film finished at 20:00:30, while the run
    # of 20:00:00 still waited for a slow server, is a removal.
    if ledger.started_at is None:
        ledger.started_at = min(account.journal.read_at or now for account in accounts.values())


def retry_after_plays(accounts: Accounts, ledger: Ledger, now: int) -> None:
    """Let writes be tried again that a server did not keep, where a play of the item has ended since."""
    # 20:00 an app is opened at 20 min and left open · each of our writes of 80 min is gone with its next report ·
    # 21:10 the app is closed.
    for key, stored in list(ledger.stored.items()):
        if stored.is_not_kept and stored.retry_at > now:
            side, _, item_id = key.partition(":")
            if accounts[Side(side)].journal.heard_since(item_id, stored.at):
                ledger.stored[key] = replace(stored, retry_at=now)


def _keep_tries(ledger: Ledger, decisions: Sequence[Decision], now: int) -> None:
    """Drop the attempts and the stored writes that no later run needs."""
    if not ledger.attempts and not ledger.stored:
        return
    waiting: set[str] = set()
    standing: dict[str, set[Edit]] = {}
    for decision in decisions:
        targets = [item_key(decision.target, item_id) for item_id in decision.target_item_ids]
        # To be written now or later, in a run that only plans as well; ignored by Plex twice; or the item is gone.
        if decision.action in (Action.WRITE, Action.CLEAR, Action.WAIT) or decision.reason in (
            Reason.NEAR_END,
            Reason.GONE,
        ):
            waiting.update(targets)
        edits = [edit for edit in (decision.edit, decision.target_edit) if edit is not None]
        for key in (*targets, item_key(decision.source, decision.source_item_id)):
            if key in ledger.stored:
                standing.setdefault(key, set()).update(edits)
    ledger.keep_tries(waiting, standing, now)


def _learn_mapped(accounts: Accounts, ledger: Ledger) -> None:
    """Learn the ids of items that were mapped or ignored before these were kept."""
    for key, other in ledger.mappings.items():
        side, _, item_id = key.partition(":")
        of = Side(side)
        for one, chosen in ((of, item_id), (of.other, other)):
            state = accounts[one].state(chosen) if chosen is not None else None
            if state is not None:
                ledger.learn_mapped(one, state.item)


def _settle(accounts: Accounts, ledger: Ledger, decision: Decision, now: int) -> None:
    """Remember a decision to leave a title alone that is in progress on one side, so that no server is asked again."""
    # Ambiguous: asked about again when the other library has changed, or after a day.
    if decision.reason is Reason.AMBIGUOUS:
        key = item_key(decision.source, decision.source_item_id)
        revision = accounts[decision.source.other].server.library_revision
        ledger.links.pop(key, None)
        known_by = lookup_keys(ledger, decision.source, decision.item)
        ledger.failed[key] = FailedLookup(Reason.AMBIGUOUS, known_by, now, revision)
    # Left alone, at 50 s and below the minimum, say: settled until it is moved. Where the other journal knows the item,
    # the next plan needs no look-up, and nothing has to be remembered.
    # No copy fits: settled too, although the copy in progress is known, or each run would look for a better one.
    one_sided = decision.from_position_ms and not decision.to_position_ms
    no_copy_fits = decision.reason is Reason.DURATION_DIFFERS
    if decision.action is Action.NONE and (one_sided or no_copy_fits):
        other = accounts[decision.source.other].journal.entries
        known = any(item_id in other for item_id in decision.target_item_ids)
        if decision.target_item_ids and (no_copy_fits or not known):
            ledger.settled[item_key(decision.source, decision.source_item_id)] = Settled(
                decision.from_position_ms or 0, decision.edit, decision.reason, decision.target_item_ids
            )


def _take_over_edit(accounts: Accounts, decision: Decision) -> None:
    """Give the target the source's later edit where both positions are too close to need a write."""
    # 20:00 paused at 50 min on the target · 21:00 paused at 50 min on the source. Without this, a third account, paused
    # at 30 min at 20:30, would beat the target's 20:00 and take it back to 30 min.
    if decision.edit is not None and (_same_position(decision) or decision.reason is Reason.BELOW_DELTA):
        for item_id in _with_older_edits(accounts, decision):
            accounts[decision.target].journal.redate(item_id, decision.edit)


def _with_older_edits(accounts: Accounts, decision: Decision) -> Iterator[str]:
    """Yield the target's items with an earlier edit than the source's, where both sides are in progress."""
    entries = accounts[decision.target].journal.entries
    both = decision.from_position_ms and decision.to_position_ms
    for item_id in decision.target_item_ids if both else ():
        entry = entries.get(item_id)
        if entry is None or decision.edit is None or not decision.edit.later_than(entry.edit):
            continue
        # 20:00:00 the list is asked for · 20:00:02 we write 80 min · 20:00:03 it shows 20 min, with which we compared.
        if abs(entry.position_ms - (decision.to_position_ms or 0)) < NOISE_MS:
            yield item_id


def _keep_zeros(accounts: Accounts, decision: Decision, now: int) -> None:
    """Keep an item's entry at 0 in the journal while its title is in progress on the other side."""
    # Finished on Emby in January, in progress on Plex ever since. Entries at 0 last 90 days, but in May the finish must
    # still be known, or the old position of Plex would be written to Emby.
    if not decision.to_position_ms:
        for item_id in decision.target_item_ids:
            accounts[decision.source.other].journal.keep(item_id, now)
    if not decision.from_position_ms:
        accounts[decision.source].journal.keep(decision.source_item_id, now)


def _same_position(decision: Decision) -> bool:
    """Tell whether both sides are in progress within 10 s of each other."""
    return decision.reason is Reason.IN_SYNC and bool(decision.from_position_ms and decision.to_position_ms)


def _in_progress(account: Account) -> set[str]:
    """Return the ids of the items in progress on an account."""
    snapshot = account.snapshot
    return set(snapshot.items) if snapshot else set()
