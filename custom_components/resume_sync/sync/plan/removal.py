"""Removals: in two runs, never from absence, and with a brake."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from ..journal.edit import DAY_MS, Cause, Edit
from ..journal.journal import KEPT_MS
from ..ledger import Dismissal, Ledger, Tombstone
from ..model import Action, Reason, RemoveMode, Side
from .brake import Approval
from .decision import Carried, Decision
from .scene import Scene, Shelf, Title, newest_copy

MOST_REMOVALS = 10
MOST_CLEARED_AT_ONCE = 5
_LARGEST_SHARE = 4


def tombstone_key(side: Side, title_key: str) -> str:
    """Return the name of one title's removal on one side."""
    return f"{side}|{title_key}"


def removal(scene: Scene, title: Title, reason: Reason) -> Decision:
    """Decide on a title that is at 0 on the source and in progress on the target."""
    source = title.source_copy
    edit = source.edit
    if edit is not None and edit.cause is Cause.RESTARTED:
        return title.swapped.decided(Action.NONE, Reason.CLEARED_ON_TARGET)
    if scene.rules.remove is RemoveMode.OFF:
        return title.decided(Action.NONE, Reason.REMOVE_OFF)
    if not scene.shelf(title.source.other).traits.can_clear:
        return title.decided(Action.NONE, Reason.NOT_SUPPORTED)
    if scene.ledger.started_at is None or not _since_history(scene, title):
        if edit is None:
            return title.decided(Action.NONE, Reason.CLEARED_ON_TARGET)
        finished = edit.cause is Cause.FINISHED
        return title.swapped.decided(Action.NONE, Reason.FINISHED_ON_TARGET if finished else Reason.CLEARED_ON_TARGET)
    key = tombstone_key(title.source.other, title.key)
    if scene.ledger.dismissed.get(key) == Dismissal(edit, newest_copy(title.to_copies).edit):
        return title.decided(Action.NONE, Reason.IGNORED)
    if any(copy.activity for copy in title.from_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_SOURCE)
    if any(copy.activity for copy in title.to_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_TARGET)
    attempt = scene.failed_attempt(title)
    if attempt and scene.now < attempt.retry_at:
        return title.decided(Action.WAIT, attempt.reason)
    if _recorded(scene.ledger, key, edit) and source.fresh:
        return title.decided(Action.CLEAR, reason, Carried(_carried_edit(scene, edit, reason)))
    return title.decided(Action.WAIT, Reason.AWAITING_CONFIRMATION)


def _carried_edit(scene: Scene, edit: Edit | None, reason: Reason) -> Edit:
    """Return the edit that a clear gives the target: the source's, or one made now where the source just decides."""
    if edit is None or reason is Reason.MIRRORED:
        return Edit(scene.now, scene.now, Cause.CLEARED)
    return edit


def _since_history(scene: Scene, title: Title) -> bool:
    """Tell whether the source was emptied after both accounts' and the pair's history began; mirror needs no edit.

    The reads of a first run do not leave at one moment: what may have happened between them counts.
    """
    if scene.rules.remove is RemoveMode.MIRROR:
        return True
    began = max(scene.ledger.started_at or 0, scene.shelf(title.source).since)
    edit = title.source_copy.edit
    return edit is not None and edit.earliest >= began and edit.latest >= scene.shelf(title.source.other).since


def hold_mass_removals(
    decisions: list[Decision], left: Shelf, right: Shelf, ledger: Ledger, now: int
) -> list[Decision]:
    """Hold all removals of a side where they are too many to be believed without somebody's approval.

    They stay held until somebody has answered, also when fewer of them are left.
    """
    held: set[Side] = {
        side
        for side, shelf in ((Side.LEFT, left), (Side.RIGHT, right))
        if _has_too_many_removals(decisions, side, shelf, ledger, now)
    }
    return [
        replace(decision, action=Action.WAIT, reason=Reason.HELD_FOR_APPROVAL)
        if decision.target in held and _is_removal(decision)
        else decision
        for decision in decisions
    ]


def _has_too_many_removals(decisions: Sequence[Decision], side: Side, shelf: Shelf, ledger: Ledger, now: int) -> bool:
    """Tell whether the removals of a day, done and waiting, are more than a household makes by hand."""
    removals = [decision for decision in decisions if decision.target is side and _is_wanted_removal(decision)]
    if not any(map(_is_removal, removals)):
        return False
    if any(_was_held(decision, ledger) for decision in removals):
        return True
    done = ledger.cleared_since(side, now - DAY_MS)
    total = done + len(removals)
    if total > MOST_REMOVALS and total * _LARGEST_SHARE > shelf.in_progress + done:
        return True
    at_once = Counter(
        decision.edit.latest
        for decision in removals
        if decision.edit is not None and decision.edit.cause is Cause.CLEARED
    )
    return max(at_once.values(), default=0) > MOST_CLEARED_AT_ONCE


def _is_removal(decision: Decision) -> bool:
    """Tell whether a decision clears a title, now or once it is confirmed."""
    return decision.action is Action.CLEAR or decision.reason is Reason.AWAITING_CONFIRMATION


def _was_held(decision: Decision, ledger: Ledger) -> bool:
    """Tell whether a removal waits for somebody's answer since an earlier run."""
    tombstone = _recorded(ledger, tombstone_key(decision.target, decision.key), decision.edit)
    return tombstone is not None and tombstone.held


def _recorded(ledger: Ledger, key: str, source_edit: Edit | None) -> Tombstone | None:
    """Return what an earlier run recorded of a removal, if its source has not been touched since."""
    tombstone = ledger.waiting.get(key)
    return tombstone if tombstone is not None and tombstone.source_edit == source_edit else None


def record_tombstones(ledger: Ledger, decisions: Collection[Decision], approval: Approval, now: int) -> None:
    """Record new removals, and cancel those for which the reason is gone."""
    still_waiting = {}
    for decision in decisions:
        if not _is_wanted_removal(decision):
            continue
        key = tombstone_key(decision.target, decision.key)
        earlier = _recorded(ledger, key, decision.edit)
        held = decision.reason is Reason.HELD_FOR_APPROVAL
        if earlier:
            still_held = held or (earlier.held and Approval.REMOVALS not in approval)
            still_waiting[key] = replace(earlier, held=still_held)
        elif decision.reason in (Reason.AWAITING_CONFIRMATION, Reason.HELD_FOR_APPROVAL):
            still_waiting[key] = Tombstone(
                key=decision.key,
                side=decision.target,
                item=decision.item,
                source_item_id=decision.source_item_id,
                source_edit=decision.edit,
                target_item_ids=decision.target_item_ids,
                target_edit=decision.target_edit,
                target_position_ms=decision.to_position_ms or 0,
                reason=_cause_of(decision),
                recorded_at=now,
                held=held,
            )
    ledger.waiting = still_waiting
    by_key = {tombstone_key(one.target, one.key): one for one in decisions}
    ledger.dismissed = {
        key: dismissal for key, dismissal in ledger.dismissed.items() if _still_refused(dismissal, by_key.get(key), now)
    }


def _still_refused(dismissal: Dismissal, decision: Decision | None, now: int) -> bool:
    """Tell whether nobody has touched a title since its removal was refused; what is away may come back as it was."""
    if decision is not None:
        return dismissal == Dismissal(decision.edit, decision.target_edit)
    latest = max((edit.latest for edit in (dismissal.source_edit, dismissal.target_edit) if edit), default=0)
    return now < latest + KEPT_MS


def _is_wanted_removal(decision: Decision) -> bool:
    """Tell whether a decision is about a removal that is still wanted."""
    return not decision.from_position_ms and decision.action in (Action.WAIT, Action.CLEAR)


def _cause_of(decision: Decision) -> Reason:
    """Return why a waiting removal would clear its title."""
    if decision.edit is None:
        return Reason.MIRRORED
    return Reason.FINISHED_ON_SOURCE if decision.edit.cause is Cause.FINISHED else Reason.CLEARED_ON_SOURCE
