"""For every title in progress on either side exactly one decision, with exactly one reason. A pure function."""

from collections.abc import Sequence

from ..identity import match, match_keys
from ..journal.edit import NOISE_MS, Cause, Edit
from ..ledger import Ledger, item_key
from ..model import Action, Activity, PairRules, Reason, RemoveMode, ServerTraits, Side
from .brake import Approval, hold_large_first_sync
from .decision import Carried, Decision
from .removal import hold_mass_removals, removal
from .scene import Copy, Scene, Shelf, Title, newest_copy

_LONGEST_DIFFERENCE_PERCENT = 10


def plan(
    left: Shelf, right: Shelf, rules: PairRules, ledger: Ledger, now: int, *, approval: Approval = Approval.NOTHING
) -> list[Decision]:
    """Decide on every title in progress on either side.

    Nothing is changed: neither the shelves nor the ledger. `approval` lets pass what is otherwise held for it.
    """
    scene = Scene(left, right, rules, ledger, now)
    matching = match(
        [copy.item for copy in left.copies.values()],
        [copy.item for copy in right.copies.values()],
        ledger.linked_by_hand(),
    )
    decisions = []
    for found in matching.matches:
        on_left, on_right = scene.copies(found, Side.LEFT), scene.copies(found, Side.RIGHT)
        if not any(copy.position_ms for copy in (*on_left, *on_right)):
            continue
        if on_left and on_right:
            decisions.append(_decide(scene, found.key, on_left, on_right))
        else:
            side = Side.LEFT if on_left else Side.RIGHT
            unclear = matching.ambiguous_left if on_left else matching.ambiguous_right
            decisions.append(_decide_one_sided(scene, found.key, side, on_left or on_right, unclear))
    decisions = hold_large_first_sync(decisions, ledger, approval)
    return decisions if Approval.REMOVALS in approval else hold_mass_removals(decisions, left, right, ledger, now)


def _decide_one_sided(scene: Scene, key: str, side: Side, copies: Sequence[Copy], unclear: frozenset[str]) -> Decision:
    """Decide on a title that the other side does not have, or is not known to have."""
    copy = newest_copy([copy for copy in copies if copy.position_ms])
    item_id = copy.item.item_id
    settled = scene.ledger.settled.get(item_key(side, item_id))
    failed = scene.ledger.failed.get(item_key(side, item_id))
    action = Action.UNRESOLVED
    if any(scene.ledger.ignores(side, one.item.item_id) for one in copies):
        action, reason = Action.NONE, Reason.IGNORED
    elif scene.only_source is side.other and scene.rules.remove is not RemoveMode.MIRROR:
        action, reason = Action.NONE, Reason.TARGET_NEWER
    elif item_id in unclear:
        reason = Reason.AMBIGUOUS
    elif not match_keys(copy.item):
        reason = Reason.NO_IDS
    elif settled:
        action, reason = Action.NONE, settled.reason
    else:
        reason = failed.reason if failed else Reason.NOT_FOUND
    return Decision(key, copy.item, action, reason, side, item_id, (), copy.position_ms, None, copy.edit)


def _decide(scene: Scene, key: str, on_left: tuple[Copy, ...], on_right: tuple[Copy, ...]) -> Decision:
    """Decide on a title that both sides have."""
    left, right = newest_copy(on_left), newest_copy(on_right)
    winner = scene.only_source or _winner(on_left, on_right)
    from_copies, to_copies = (on_left, on_right) if winner is Side.LEFT else (on_right, on_left)
    title = Title(key, winner, from_copies, to_copies)
    if not all(copy.readable for copy in (*on_left, *on_right)):
        return title.decided(Action.WAIT, Reason.NOT_VERIFIED)
    if _ignored(scene, on_left, on_right):
        return title.decided(Action.NONE, Reason.IGNORED)
    if _in_sync(title):
        return title.decided(Action.NONE, Reason.IN_SYNC)
    if _undone(left, right) or _undone(right, left):
        return title.decided(Action.NONE, Reason.UNDONE)
    if scene.rules.remove is RemoveMode.MIRROR and scene.only_source:
        return _mirror(scene, title)
    return _follow(scene, title)


def _ignored(scene: Scene, on_left: Sequence[Copy], on_right: Sequence[Copy]) -> bool:
    """Tell whether somebody said that this title is to be left alone."""
    return any(scene.ledger.ignores(Side.LEFT, copy.item.item_id) for copy in on_left) or any(
        scene.ledger.ignores(Side.RIGHT, copy.item.item_id) for copy in on_right
    )


def _undone(one: Copy, other: Copy) -> bool:
    """Tell whether somebody put back one side's position, and nobody has moved the other since then."""
    return one.undone_at is not None and (other.edit is None or other.edit.earliest <= one.undone_at)


def _in_sync(title: Title) -> bool:
    """Tell whether both sides hold the same position, or both are at 0 and no copy is left to be cleared."""
    source, target = title.source_copy, newest_copy(title.to_copies)
    if source.position_ms:
        return target.position_ms > 0 and abs(source.position_ms - target.position_ms) < NOISE_MS
    return not any(copy.position_ms for copy in title.to_copies)


def _winner(on_left: Sequence[Copy], on_right: Sequence[Copy]) -> Side:
    """Return the side whose edit is later; without an order the one further in, so that 0 never wins.

    Where both are at 0, the side that has another copy in progress cannot win.
    """
    left, right = newest_copy(on_left), newest_copy(on_right)
    if not left.position_ms and not right.position_ms:
        return Side.RIGHT if any(copy.position_ms for copy in on_left) else Side.LEFT
    if left.edit and right.edit:
        if left.edit.later_than(right.edit):
            return Side.LEFT
        if right.edit.later_than(left.edit):
            return Side.RIGHT
    elif (left.edit is None) is not (right.edit is None):
        return Side.RIGHT if left.edit is None else Side.LEFT
    return Side.LEFT if left.position_ms >= right.position_ms else Side.RIGHT


def _mirror(scene: Scene, title: Title) -> Decision:
    """Let the source decide, whatever the target's edits: that counts as an edit made now."""
    if title.source_copy.position_ms:
        source_edit = title.source_copy.edit
        sent_at = source_edit.latest if source_edit else None
        return _write(scene, title, Reason.MIRRORED, Carried(Edit(scene.now, scene.now), sent_at))
    return removal(scene, title, Reason.MIRRORED)


def _follow(scene: Scene, title: Title) -> Decision:
    """Let the later edit win."""
    source, target = title.source_copy, newest_copy(title.to_copies)
    if not source.position_ms and not target.position_ms:
        return _left_over(scene, title)
    if source.edit is None:
        return title.decided(Action.NONE, Reason.TARGET_NEWER)
    as_edited = Carried(source.edit, source.edit.latest)
    if target.edit is None:
        return _write(scene, title, Reason.ONLY_ON_SOURCE, as_edited)
    if target.edit.later_than(source.edit):
        return title.decided(Action.NONE, _superseded(target))
    if source.edit.later_than(target.edit):
        if not source.position_ms:
            return _zeroed_source(scene, title)
        reason = Reason.NEWER_POSITION if target.position_ms else Reason.ONLY_ON_SOURCE
        return _write(scene, title, reason, as_edited)
    if source.position_ms < target.position_ms:
        return title.decided(Action.NONE, Reason.TARGET_NEWER)
    if target.watched and not target.position_ms:
        return title.decided(Action.NONE, Reason.FINISHED_ON_TARGET)
    reason = Reason.HIGHER_POSITION if target.position_ms else Reason.ONLY_ON_SOURCE
    return _write(scene, title, reason, Carried(source.edit.at_later_bound(target.edit), reordered=True))


def _left_over(scene: Scene, title: Title) -> Decision:
    """Decide on a copy that is still in progress where the title's newest copies are at 0 on both sides."""
    zeroed, left_over = title.source_copy.edit, title.target_copy.edit
    if zeroed is not None and left_over is not None and zeroed.later_than(left_over):
        return _zeroed_source(scene, title)
    return title.decided(Action.NONE, Reason.IN_SYNC)


def _zeroed_source(scene: Scene, title: Title) -> Decision:
    """Decide on a title that was finished, cleared or started over where it was touched last."""
    edit = title.source_copy.edit
    if edit is not None and edit.cause is Cause.FINISHED:
        return removal(scene, title, Reason.FINISHED_ON_SOURCE)
    return removal(scene, title, Reason.CLEARED_ON_SOURCE)


def _superseded(target: Copy) -> Reason:
    """Tell how the target's later edit stands against the source's position."""
    if target.position_ms:
        return Reason.TARGET_NEWER
    finished = target.edit is not None and target.edit.cause is Cause.FINISHED
    return Reason.FINISHED_ON_TARGET if finished else Reason.CLEARED_ON_TARGET


def _write(scene: Scene, title: Title, reason: Reason, carried: Carried) -> Decision:
    """Write the source's position, unless a switch, a guardrail or a viewer stands against it."""
    source, target = title.source_copy, title.target_copy
    if not scene.rules.add:
        return title.decided(Action.NONE, Reason.ADD_OFF)
    traits = scene.shelf(title.source.other).traits
    refused = _refusal(source, target, traits, scene.rules)
    if refused:
        return title.decided(Action.NONE, refused)
    if any(copy.activity is Activity.PLAYING for copy in title.from_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_SOURCE)
    if any(copy.activity for copy in title.to_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_TARGET)
    return _retried(scene, title, reason, carried)


def _retried(scene: Scene, title: Title, reason: Reason, carried: Carried) -> Decision:
    """Write, unless the same write failed a short while ago, or Plex has ignored it twice."""
    attempt = scene.failed_attempt(title)
    if attempt:
        if attempt.ignored > 1 and _may_ignore(scene, title):
            return title.decided(Action.NONE, Reason.NEAR_END)
        if scene.now < attempt.retry_at:
            return title.decided(Action.WAIT, attempt.reason)
    return title.decided(Action.WRITE, reason, carried)


def _may_ignore(scene: Scene, title: Title) -> bool:
    """Tell whether the target takes a title as watched before its threshold, at its credits."""
    return scene.shelf(title.source.other).traits.watched_percent is not None


def _refusal(source: Copy, target: Copy, traits: ServerTraits, rules: PairRules) -> Reason | None:
    """Return why the source's position is not written to the target; None where nothing speaks against it.

    These are the pair's guardrails. A 0 is no position: it travels as a removal or not at all.
    """
    position = source.position_ms
    durations = [duration for duration in (source.item.duration_ms, target.item.duration_ms) if duration]
    if position < max(rules.min_seconds * 1000, traits.minimum_ms or 0, 1):
        return Reason.BELOW_MINIMUM
    if any(position * 100 >= duration * rules.max_percent for duration in durations):
        return Reason.NEAR_END
    if traits.watched_percent is not None and any(
        position * 100 >= duration * traits.watched_percent for duration in durations
    ):
        return Reason.NEAR_END
    if durations and (max(durations) - min(durations)) * 100 > max(durations) * _LONGEST_DIFFERENCE_PERCENT:
        return Reason.DURATION_DIFFERS
    if abs(position - target.position_ms) < rules.delta_seconds * 1000:
        return Reason.BELOW_DELTA
    return None
