"""The brakes: changes that are more at once than people make by hand wait until somebody approves of them.

What is held is a list in the ledger. A title stays on it until it is answered, until either side has another edit, or
until both agree; a title that is not on it is judged by itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Flag, auto
from typing import Final

from ..journal.edit import DAY_MS
from ..journal.journal import KEPT_MS
from ..ledger import Dismissal, Held, Ledger
from ..model import Action, Reason, Side
from .decision import Decision
from .removal import is_wanted_removal, tombstone_key
from .scene import Scene

MOST_FIRST_CHANGES: Final = 25
"""A first sync that changes more titles than these needs approval."""

MOST_REMOVALS: Final = 10
"""Removals of a side within 24 hours that need no approval, however small its shelf is."""

MOST_REPLACED: Final = 15
"""Positions of a side replaced within 24 hours that need no approval, however small its shelf is."""


class Approval(Flag):
    """The brakes that are released for one run: those on positions, those on removals.

    The ones on positions are released as well for the first sync of a pair after somebody agreed to its preview.
    """

    NOTHING = 0
    FIRST_SYNC = auto()
    REMOVALS = auto()
    EVERYTHING = FIRST_SYNC | REMOVALS


@dataclass(frozen=True, slots=True)
class _Limit:
    """More titles than `most`, and more than one in `share` of the target's shelf, within a day."""

    most: int
    share: int

    def is_passed(self, titles: int, shelf: int) -> bool:
        """Tell whether so many titles are too many for a shelf."""
        return titles > self.most and titles * self.share > shelf


_REMOVALS: Final = _Limit(MOST_REMOVALS, share=4)
_REPLACED: Final = _Limit(MOST_REPLACED, share=2)


def hold(scene: Scene, decisions: Sequence[Decision], approval: Approval) -> list[Decision]:
    """Return the decisions with those changes held that nobody makes by hand, unless they are approved."""
    ledger = scene.ledger
    settled = [_settled(decision, ledger) for decision in decisions]
    listed = {one.key for one in settled if _is_listed(one, ledger)}
    held = {key for key in listed if not ledger.held[key].approved}
    # Judged by themselves from here on: what is not on the list.
    judged = [decision for decision in settled if decision.key not in listed]
    if not ledger.approved:
        held |= _large_first_sync(judged, approval)
    for side in Side:
        to_side = [decision for decision in judged if decision.target is side]
        held |= _mass_removal(scene, side, to_side)
        held |= _mass_replacement(scene, side, to_side) if ledger.approved else set()
    return [
        replace(decision, action=Action.WAIT, reason=Reason.HELD_FOR_APPROVAL)
        if decision.key in held and _brake(decision) not in (None, *approval)
        else decision
        for decision in settled
    ]


def release(ledger: Ledger, approval: Approval) -> None:
    """Approve of all that is on the list, as far as an approval goes."""
    for key, held in ledger.held.items():
        if (Approval.REMOVALS if held.removes else Approval.FIRST_SYNC) in approval:
            ledger.held[key] = replace(held, approved=True)


def answer(ledger: Ledger, decisions: Iterable[Decision], *, apply: bool) -> None:
    """Settle held changes as they were shown: they are wanted, or both sides keep what they have until one is moved."""
    for decision in decisions:
        if apply:
            held = Held(decision.edit, decision.target_edit, not decision.from_position_ms, approved=True)
            ledger.held[decision.key] = held
        else:
            key = tombstone_key(decision.target, decision.key)
            ledger.held.pop(decision.key, None)
            ledger.waiting.pop(key, None)
            ledger.dismissed[key] = Dismissal(decision.edit, decision.target_edit)


def record_held(ledger: Ledger, decisions: Collection[Decision], now: int) -> None:
    """Bring the list of held changes up to date after a run; `now` is in epoch milliseconds."""
    by_key = {decision.key: decision for decision in decisions}
    ledger.held = {key: held for key, held in ledger.held.items() if _stays_listed(held, by_key.get(key), now)}
    for decision in decisions:
        if decision.is_held_change:
            held = Held(decision.edit, decision.target_edit, not decision.from_position_ms)
            ledger.held.setdefault(decision.key, held)


def _settled(decision: Decision, ledger: Ledger) -> Decision:
    """Return a decision to write as one to do nothing where somebody chose to keep what both sides have."""
    kept = Dismissal(decision.edit, decision.target_edit)
    if decision.action is Action.WRITE and kept == ledger.dismissed.get(tombstone_key(decision.target, decision.key)):
        return replace(decision, action=Action.NONE, reason=Reason.IGNORED, carried=None)
    return decision


def _is_listed(decision: Decision, ledger: Ledger) -> bool:
    """Tell whether a change is on the list: held, or approved and not done yet."""
    held = ledger.held.get(decision.key)
    return held is not None and held.is_of(decision.edit, decision.target_edit)


def _stays_listed(held: Held, decision: Decision | None, now: int) -> bool:
    """Tell whether a change stays on the list after a run."""
    if decision is not None:
        agreed = decision.reason is Reason.IN_SYNC
        done = decision.action in (Action.WRITE, Action.CLEAR)
        return not agreed and not done and held.is_of(decision.edit, decision.target_edit)
    # The title is in no plan: its library is away, unmounted at 20:00, say, and back with the same positions tomorrow.
    latest = max((edit.latest for edit in (held.source_edit, held.target_edit) if edit), default=0)
    return now < latest + KEPT_MS


def _brake(decision: Decision) -> Approval | None:
    """Return what releases the brake on a change; None: the decision changes nothing, or gives a place back."""
    if decision.action is Action.CLEAR or decision.reason is Reason.AWAITING_CONFIRMATION:
        return Approval.REMOVALS
    gives_back = decision.carried is not None and decision.carried.given_back
    return Approval.FIRST_SYNC if decision.action is Action.WRITE and not gives_back else None


def _large_first_sync(judged: Collection[Decision], approval: Approval) -> set[str]:
    """Return the titles of a first sync that would change more than 25: positions, and removals with them."""
    # Approved removals pass on: the repair about held removals releases them alone, not the writes of a first sync.
    clears = set() if Approval.REMOVALS in approval else {Action.CLEAR}
    changes = {one.key for one in judged if _brake(one) and one.action in {Action.WRITE, *clears}}
    # Agreed to as a first sync: removals have a brake of their own.
    if Approval.FIRST_SYNC in approval or len(changes) <= MOST_FIRST_CHANGES:
        return set()
    return changes


def _mass_removal(scene: Scene, side: Side, judged: Iterable[Decision]) -> set[str]:
    """Return the removals of a side that are due, where they are too many with those of the last day."""
    # Those that wait for a viewer or a retry count, and go on waiting.
    wanted = [decision for decision in judged if is_wanted_removal(decision)]
    # The shelf is counted as it was before the clears of this day.
    done = scene.ledger.cleared_since(side, scene.now - DAY_MS)
    if not _REMOVALS.is_passed(done + len(wanted), scene.shelf(side).in_progress + done):
        return set()
    return {decision.key for decision in wanted if _brake(decision)}


def _mass_replacement(scene: Scene, side: Side, judged: Iterable[Decision]) -> set[str]:
    """Return the titles whose position on a side would be replaced, where they are too many with those of the last day.

    A title counts once: whoever watches a film for two hours moves it two dozen times.
    """
    replaced = {tombstone_key(side, one.key): one.key for one in judged if replaces_position(one)}
    since, of_side = scene.now - DAY_MS, tombstone_key(side, "")
    recent = {key for key, at in scene.ledger.replaced.items() if at > since and key.startswith(of_side)}
    if not _REPLACED.is_passed(len(recent | replaced.keys()), scene.shelf(side).in_progress):
        return set()
    return set(replaced.values())


def replaces_position(decision: Decision) -> bool:
    """Tell whether a decision writes a position in place of another one that the target's account has."""
    return _brake(decision) is Approval.FIRST_SYNC and bool(decision.to_position_ms)
