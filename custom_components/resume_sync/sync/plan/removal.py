"""Removals: an explicit 0 on the source clears the target, in two runs."""

from collections.abc import Collection
from dataclasses import replace

from ..journal.edit import Cause, Edit
from ..journal.journal import KEPT_MS
from ..ledger import Dismissal, Ledger, Tombstone
from ..model import Action, Reason, RemoveMode, Side
from .decision import Carried, Decision
from .scene import Scene, Title, newest_copy


def tombstone_key(side: Side, title_key: str) -> str:
    """Return the key of a title's removal in the ledger; `side` is where the title would be cleared."""
    return f"{side}|{title_key}"


def removal(scene: Scene, title: Title, reason: Reason) -> Decision:
    """Decide on a title that is at 0 on the source and in progress on the target.

    The first run waits for confirmation, a later one clears. `reason` is the one that a clear is reported with.
    """
    source = title.source_copy
    edit = source.edit
    # Started over: 20:00 paused at 80 min · 21:00 begun anew, stopped after 30 s, and the server keeps no position. The
    # viewer is at the beginning of the title, not at its end: no mode removes it.
    if edit is not None and edit.cause is Cause.RESTARTED:
        return title.swapped.decided(Action.NONE, Reason.CLEARED_ON_TARGET)
    if scene.rules.remove is RemoveMode.OFF:
        return title.decided(Action.NONE, Reason.REMOVE_OFF)
    traits = scene.shelf(title.source.other).traits
    # Plex has no way to clear a title but a mark as unwatched. It is hidden there, where people said so.
    hides = not traits.can_clear and traits.can_hide and scene.rules.hide_on_plex
    if not traits.can_clear and not hides:
        return title.decided(Action.NONE, Reason.NOT_SUPPORTED)
    # Zeros from before the history are no removals: a film finished last year is at 0 on one server, and in progress on
    # the other. The first run of a pair records none at all.
    if not _since_history(scene, title) and not _agreed_to_mirror(scene, title):
        # Mirror alone comes here without an edit: the source is not known to have ever had the title in progress.
        if edit is None:
            return title.decided(Action.NONE, Reason.TARGET_NEWER)
        finished = edit.cause is Cause.FINISHED
        return title.swapped.decided(Action.NONE, Reason.FINISHED_ON_TARGET if finished else Reason.CLEARED_ON_TARGET)
    key = tombstone_key(title.source.other, title.key)
    # Refused: a person cleared the tombstones, and neither side has been moved since.
    if scene.ledger.dismissed.get(key) == Dismissal(edit, newest_copy(title.to_copies).edit):
        return title.decided(Action.NONE, Reason.IGNORED)
    # The removal is wanted from here on, and waits: for viewers of either side, for a retry, for its confirming run.
    # Positions pass through 0 while a play begins, so a 0 of a title that plays on the source proves nothing.
    if any(copy.activity for copy in title.from_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_SOURCE)
    if any(copy.activity for copy in title.to_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_TARGET)
    target = title.source.other
    if scene.is_not_kept(target, source, title.target_copy):
        return title.decided(Action.WAIT, Reason.NOT_KEPT)
    attempt = scene.failed_attempt(target, title.target_copy, 0)
    if attempt and scene.now < attempt.retry_at:
        return title.failed(attempt)
    # Confirmed: 20:00 a run recorded the tombstone · 20:01 this run has read the source again, and it is still at 0.
    if _recorded(scene.ledger, key, edit) and source.fresh:
        return title.decided(Action.CLEAR, reason, Carried(_carried_edit(scene, edit, reason), hides=hides))
    return title.decided(Action.WAIT, Reason.AWAITING_CONFIRMATION)


def _carried_edit(scene: Scene, edit: Edit | None, reason: Reason) -> Edit:
    """Return the edit that the target takes over with a clear; a mirrored clear counts as made now."""
    if edit is None or reason is Reason.MIRRORED:
        return Edit(scene.now, scene.now, Cause.CLEARED)
    return edit


def _since_history(scene: Scene, title: Title) -> bool:
    """Tell whether the source became 0 within the history of the pair and of both accounts."""
    if scene.ledger.started_at is None:
        return False
    # First reads: source 20:00:00, target 20:00:02. A 0 made between 20:00:01 and 20:05 counts, though it may be older
    # than the target's first read: only its latest possible time has to be later.
    began = max(scene.ledger.started_at, scene.shelf(title.source).since)
    edit = title.source_copy.edit
    return edit is not None and edit.earliest >= began and edit.latest >= scene.shelf(title.source.other).since


def _agreed_to_mirror(scene: Scene, title: Title) -> bool:
    """Tell whether a person agreed that this title goes too: the source holds it at 0, since before the history."""
    if scene.rules.remove is not RemoveMode.MIRROR:
        return False
    # Monday the preview was agreed to · Friday the history of the source is lost, and its server may have been reset:
    # nobody has seen what would be removed now.
    agreed_at = scene.now if scene.agreed else scene.ledger.mirror_agreed_at
    return agreed_at is not None and scene.shelf(title.source).since <= agreed_at


def _recorded(ledger: Ledger, key: str, source_edit: Edit | None) -> Tombstone | None:
    """Return the tombstone of an earlier run for the same edit of the source; None where there is none."""
    tombstone = ledger.waiting.get(key)
    return tombstone if tombstone is not None and tombstone.source_edit == source_edit else None


def record_tombstones(ledger: Ledger, decisions: Collection[Decision], now: int) -> None:
    """Replace the ledger's tombstones by those of this run's decisions; forget refusals that have ended.

    The list of held changes is that of this run already. `now` is in epoch milliseconds.
    """
    # A tombstone is cancelled by being left out: the title was resumed, or removing was switched off. A title that was
    # finished once more gets a new tombstone.
    still_waiting = {}
    for decision in decisions:
        if not is_wanted_removal(decision):
            continue
        key = tombstone_key(decision.target, decision.key)
        earlier = _recorded(ledger, key, decision.edit)
        # Approved, but not cleared because a viewer has the title open: it clears later without another question.
        held = decision.key in ledger.held and not ledger.is_approved(decision.key)
        if earlier:
            still_waiting[key] = replace(earlier, held=held)
        # A removal that waits for a viewer or a retry from its first run on is recorded when that is over.
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
    """Tell whether a refused removal stays refused: neither side of its title has been moved since."""
    if decision is not None:
        return dismissal == Dismissal(decision.edit, decision.target_edit)
    # The title is in no plan: its library is away, unmounted at 20:00, say, and back with the same positions tomorrow.
    # The refusal is kept for 90 days after the last edit, as long as the journal keeps the 0.
    latest = max((edit.latest for edit in (dismissal.source_edit, dismissal.target_edit) if edit), default=0)
    return now < latest + KEPT_MS


def is_wanted_removal(decision: Decision) -> bool:
    """Tell whether a decision is a removal that is due or waits for a viewer, a retry or an approval."""
    return not decision.from_position_ms and decision.action in (Action.WAIT, Action.CLEAR)


def _cause_of(decision: Decision) -> Reason:
    """Return the reason that a removal is recorded with."""
    if decision.edit is None:
        return Reason.MIRRORED
    return zeroed_by(decision.edit)


def zeroed_by(edit: Edit | None) -> Reason:
    """Return the reason with which a 0 of the source clears the target."""
    causes = {Cause.FINISHED: Reason.FINISHED_ON_SOURCE, Cause.HIDDEN: Reason.HIDDEN_ON_SOURCE}
    return Reason.CLEARED_ON_SOURCE if edit is None else causes.get(edit.cause, Reason.CLEARED_ON_SOURCE)
