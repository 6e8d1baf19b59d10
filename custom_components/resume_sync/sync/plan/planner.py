"""The planner, a pure function: exactly one decision with one reason for every title in progress on either side."""

from collections.abc import Sequence
from dataclasses import replace

from ..identity import match_keys
from ..journal.edit import DATE_TOLERANCE_MS, Cause, Edit
from ..ledger import Ledger, item_key
from ..matching import match
from ..model import Action, PairRules, Reason, RemoveMode, Side
from .brake import Approval, hold
from .decision import Carried, Decision
from .lost import give_back, held
from .removal import removal, zeroed_by
from .scene import Copy, Scene, Shelf, Title, newest_copy, why_unread
from .writing import write


def plan(
    left: Shelf, right: Shelf, rules: PairRules, ledger: Ledger, now: int, *, approval: Approval = Approval.NOTHING
) -> list[Decision]:
    """Return one decision for each title in progress on either side.

    Shelves and ledger stay as they are. `now` is in epoch milliseconds; `approval` names the brakes to release.
    """
    scene = Scene(left, right, rules, ledger, now, agreed=Approval.FIRST_SYNC in approval)
    matching = match(
        [copy.item for copy in left.copies.values()],
        [copy.item for copy in right.copies.values()],
        scene.linked_by_hand,
    )
    decisions = []
    for found in matching.matches:
        on_left, on_right = scene.copies(found, Side.LEFT), scene.copies(found, Side.RIGHT)
        # Both shelves include items known at 0. A title that is at 0 everywhere has nothing to carry or to clear.
        if not any(copy.position_ms or copy.unread for copy in (*on_left, *on_right)):
            continue
        if on_left and on_right:
            decisions.append(_decide(scene, scene.title(found), on_left, on_right))
        # Lost: the only server that has the title shows it at 0. It is in progress nowhere, and searched for nowhere.
        elif any(copy.shown or copy.unread for copy in on_left or on_right):
            side = Side.LEFT if on_left else Side.RIGHT
            unclear = (
                matching.ambiguous_left | matching.misnumbered_left
                if on_left
                else matching.ambiguous_right | matching.misnumbered_right
            )
            decisions.append(_decide_one_sided(scene, found.key, side, on_left or on_right, unclear))
    return hold(scene, decisions, approval)


def _decide_one_sided(scene: Scene, key: str, side: Side, copies: Sequence[Copy], unclear: frozenset[str]) -> Decision:
    """Decide on a title with no known copy on the other side: it is left alone or unresolved."""
    unread = [copy for copy in copies if copy.unread]
    copy = newest_copy(unread or [copy for copy in copies if copy.shown])
    item_id = copy.item.item_id
    settled = scene.ledger.settled.get(item_key(side, item_id))
    failed = scene.ledger.failed.get(item_key(side, item_id))
    action = Action.UNRESOLVED
    # Mapped or ignored by hand, but as another title: a person has to choose again.
    if scene.was_mapped_as_another(side, copies):
        reason = Reason.AMBIGUOUS
    elif any(scene.ledger.ignores(side, one.item.item_id) for one in copies):
        action, reason = Action.NONE, Reason.IGNORED
    elif decided := why_unread(unread):
        action, reason = decided
    # In progress on the target of a one-way pair alone: left there, and its source is not searched for the title.
    # Mirror goes on, because the source may hold the title at 0, which is a removal.
    elif scene.only_source is side.other and scene.rules.remove is not RemoveMode.MIRROR:
        action, reason = Action.NONE, Reason.TARGET_NEWER
    # Two titles of the other side fit equally well: the IMDb id is that of one film, the TMDB id that of another.
    elif item_id in unclear:
        reason = Reason.AMBIGUOUS
    # Thirty videos of the family: no other server can have them, and nobody is asked about them.
    elif not match_keys(copy.item) and not copy.item.identifiable:
        action, reason = Action.NONE, Reason.WITHOUT_IDS
    elif not match_keys(copy.item):
        reason = Reason.NO_IDS
    # An earlier run found the counterpart and left it alone, at 50 s and below the minimum, say. That decision stands
    # until this item is moved, without another request.
    elif settled:
        action, reason = Action.NONE, settled.reason
    else:
        reason = failed.reason if failed else Reason.NOT_FOUND
    return Decision(key, copy.item, action, reason, side, item_id, (), copy.position_ms or None, None, copy.edit)


def _decide(scene: Scene, title: Title, on_left: Sequence[Copy], on_right: Sequence[Copy]) -> Decision:
    """Decide on a title with copies on both sides, of which at least one is in progress."""
    if scene.was_mapped_as_another(Side.LEFT, on_left) or scene.was_mapped_as_another(Side.RIGHT, on_right):
        return title.decided(Action.UNRESOLVED, Reason.AMBIGUOUS)
    if _ignored(scene, on_left, on_right):
        return title.decided(Action.NONE, Reason.IGNORED)
    # A copy that could not be read may hold any position: nothing is carried from it and nothing written over it.
    if unread := title.unread():
        return unread
    # Every position is known from here on.
    if decision := held(title):
        return decision
    return give_back(scene, title, _carry(scene, title))


def _carry(scene: Scene, title: Title) -> Decision:
    """Decide on carrying a position or a removal over, from where both accounts stand."""
    if title.in_sync:
        return title.decided(Action.NONE, Reason.IN_SYNC)
    # The sides differ from here on: by 10 s or more, or one of them is at 0.
    # Undone: 19:50 paused at 80 min · 20:00 a run writes 80 min · 20:05 undo puts 20 min back. The 80 min are older
    # than the undo: they are not written again until a viewer moves either side.
    source, target = title.source_copy, newest_copy(title.to_copies)
    if _undone(source, target) or _undone(target, source):
        return title.decided(Action.NONE, Reason.UNDONE)
    # Nothing forbids a change from here on: the source decides (mirror), or the later edit does.
    if scene.rules.remove is RemoveMode.MIRROR and scene.only_source:
        return _mirror(scene, title)
    return _follow(scene, title)


def _ignored(scene: Scene, on_left: Sequence[Copy], on_right: Sequence[Copy]) -> bool:
    """Tell whether a copy of the title, on either side, is marked to be left alone."""
    return any(scene.ledger.ignores(Side.LEFT, copy.item.item_id) for copy in on_left) or any(
        scene.ledger.ignores(Side.RIGHT, copy.item.item_id) for copy in on_right
    )


def _undone(one: Copy, other: Copy) -> bool:
    """Tell whether one copy was put back by an undo, and the other has not certainly been moved since."""
    return one.undone_at is not None and (other.edit is None or other.edit.earliest <= one.undone_at)


def _mirror(scene: Scene, title: Title) -> Decision:
    """Make the target like its source, however late the target's edit is."""
    if title.source_copy.position_ms:
        # The mirrored position counts as edited now, so that no older edit beats it elsewhere. The date to store stays
        # that of the source's edit: the target's shelf keeps the order in which titles were watched.
        source_edit = title.source_copy.edit
        sent_at = source_edit.latest if source_edit else None
        return write(scene, title, Reason.MIRRORED, Carried(Edit(scene.now, scene.now), sent_at))
    return removal(scene, title, Reason.MIRRORED)


def _follow(scene: Scene, title: Title) -> Decision:
    """Carry the source's position or removal over if its edit is the later one."""
    source, target = title.source_copy, newest_copy(title.to_copies)
    if not source.position_ms and not target.position_ms:
        return _left_over(scene, title)
    # At least one of the newest copies is in progress from here on.
    if source.edit is None:
        return title.decided(Action.NONE, Reason.TARGET_NEWER)
    # The source's edit is known from here on.
    as_edited = Carried(source.edit, source.edit.latest, began=source.began)
    if target.edit is None:
        return write(scene, title, Reason.ONLY_ON_SOURCE, as_edited)
    # Both edits are known from here on. The target's is later in one-way pairs only; elsewhere that side is the source.
    if target.edit.later_than(source.edit):
        return title.decided(Action.NONE, _superseded(target))
    if source.edit.later_than(target.edit):
        if not source.position_ms:
            return _zeroed_source(scene, title)
        reason = Reason.NEWER_POSITION if target.position_ms else Reason.ONLY_ON_SOURCE
        written = write(scene, title, reason, as_edited)
        is_behind = written.action in (Action.WRITE, Action.WAIT) and _started_behind(source, target)
        if not is_behind:
            return written
        # Whoever answers chooses between two places: the target's is that of its newest copy, wherever it is written.
        waits = title.decided(Action.WAIT, Reason.STARTED_BEHIND)
        return replace(waits, target_item_ids=(target.item.item_id,))
    # No order from here on: paused at 20 min between 19:00 and 21:00, at 50 min between 20:00 and 22:00.
    if source.position_ms < target.position_ms:
        return title.decided(Action.NONE, Reason.TARGET_NEWER)
    # The target may have been finished after the source was left, so the newer start decides, where both are known.
    # Finished between 20:00 and 21:40 on the target: begun on the source at 20:16, it is a rewatch, at 19:50 not.
    newer_start = 0 < target.edit.earliest < source.edit.earliest
    if target.watched and not target.position_ms and not newer_start:
        return title.decided(Action.NONE, Reason.FINISHED_ON_TARGET)
    reason = Reason.HIGHER_POSITION if target.position_ms else Reason.ONLY_ON_SOURCE
    # Both sides take over the later bound (22:00), so that pairs that form a ring do not write in circles.
    return write(scene, title, reason, Carried(source.edit.at_later_bound(target.edit), reordered=True))


def _started_behind(source: Copy, target: Copy) -> bool:
    """Tell whether the source may have been played from an older place than the target's, and not have caught up."""
    # Monday both stand at 20 min · Tuesday 80 min on the target, while the source's server is away · Wednesday the
    # source is played on from 20 to 25 min: later, but its viewer did not know of the 80 min. Two who watch at the same
    # time are another case, where that is plain: the one who stops last is not behind anything.
    began, known = source.began, target.edit
    return (
        began is not None
        and known is not None
        # Not where the target stands where the same play had come to, and was carried.
        and began != target.began
        and began.place.latest < known.latest
        # Left on the target between 19:00 and 21:00, begun on the source at 20:00: perhaps behind. Plays are dated to
        # the second.
        and known.earliest <= began.at + DATE_TOLERANCE_MS
        and 0 < source.position_ms < target.position_ms
    )


def _left_over(scene: Scene, title: Title) -> Decision:
    """Decide on a left-over copy: still in progress, while the newest copies of both sides are at 0."""
    # 20:00 the 4K copy is paused at 30 min · 21:00 the title is finished on the source: the copy is cleared as well.
    # Without an order between the two edits it stays.
    zeroed, left_over = title.source_copy.edit, title.target_copy.edit
    if zeroed is not None and left_over is not None and zeroed.later_than(left_over):
        return _zeroed_source(scene, title)
    return title.decided(Action.NONE, Reason.IN_SYNC)


def _zeroed_source(scene: Scene, title: Title) -> Decision:
    """Decide on a title whose later edit is a 0 on the source: finished, cleared, hidden or started over."""
    return removal(scene, title, zeroed_by(title.source_copy.edit))


def _superseded(target: Copy) -> Reason:
    """Return the reason why the target's later edit stands: moved, finished or cleared there."""
    if target.position_ms:
        return Reason.TARGET_NEWER
    finished = target.edit is not None and target.edit.cause is Cause.FINISHED
    return Reason.FINISHED_ON_TARGET if finished else Reason.CLEARED_ON_TARGET
