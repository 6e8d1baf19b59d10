"""Lost places: an account gets its own place back where its server shows a position that nobody asked for."""

from dataclasses import replace

from ..journal.trail import Lost
from ..model import Action, Reason
from .decision import Carried, Decision
from .scene import Scene, Title, newest_copy
from .writing import obstacle_to_write


def held(title: Title) -> Decision | None:
    """Return the decision where a position is one of many that an account lost at once; None: it is not."""
    # A server was reset at 20:00, and nine titles became 0. Nothing is done about them until somebody says whether that
    # was meant.
    for one in (title, title.swapped):
        if any(copy.lost is Lost.HELD for copy in one.to_copies):
            return _about_target(one, one.decided(Action.WAIT, Reason.HELD_FOR_APPROVAL))
    return None


def give_back(scene: Scene, title: Title, decision: Decision) -> Decision:
    """Return the decision to give a lost place back where there is nothing else to do for its title."""
    # Undone: 20:00 given back · 20:05 undo puts the 0 back. It stays until a viewer moves either side.
    if decision.action is not Action.NONE or decision.reason is Reason.UNDONE:
        return decision
    # Both lost, 50 min on each side since yesterday: one after the other, the source first. A one-way pair gives back
    # to its target alone.
    first, second = (title, title.swapped) if scene.only_source else (title.swapped, title)
    found = [one for one in (_own_place(scene, first), _own_place(scene, second)) if one is not None]
    return next((one for one in found if one.action is Action.WRITE), found[0] if found else decision)


def _own_place(scene: Scene, title: Title) -> Decision | None:
    """Decide on giving the target its own place back; None: it has not lost it, or it is not to have it back."""
    own, other = newest_copy(title.to_copies), newest_copy(title.from_copies)
    if own.lost is None or own.edit is None or not other.position_ms:
        return None
    # The other side is in progress from here on. Left later there, its position is the one to be written, and it was
    # refused: at 20:00 both stood at 50 min · 21:00 one side is at 97 percent, the other at 0.
    if other.edit is not None and other.edit.later_than(own.edit) and not title.in_sync:
        return None
    # The place is the title's latest from here on.
    if scene.only_source is title.source.other:
        return title.swapped.decided(Action.NONE, Reason.LOST_ON_SOURCE)
    # Given back at 20:00, at 0 again at 20:10, and nobody played it meanwhile: a second time would be the same.
    if own.lost is Lost.NOT_KEPT:
        return _about_target(title, title.decided(Action.WAIT, Reason.NOT_KEPT))
    # An app failed at 20:00 and left 0 where the account stood at 50 min: the 50 min, with their edit of yesterday.
    carried = Carried(own.edit, own.edit.latest, undone_at=own.undone_at, given_back=True, began=own.began)
    obstacle = obstacle_to_write(scene, title, own, own)
    return _about_target(title, obstacle or title.decided(Action.WRITE, Reason.PUT_BACK, carried))


def _about_target(title: Title, decision: Decision) -> Decision:
    """Return a decision with the target's own place as the position that would be written."""
    own = newest_copy(title.to_copies)
    return replace(decision, from_position_ms=own.position_ms, target_item_ids=(own.item.item_id,), lost=own.lost)
