"""Reports count their decisions."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.trail import Lost
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import Action, Reason, Side
from custom_components.resume_sync.sync.plan.decision import AccountError, Decision, Report
from tests.sync.builders import at, minutes
from tests.sync.world import film


def decision(action: Action, reason: Reason, position: float = 20) -> Decision:
    """Return a decision about film 1."""
    return Decision("movie:tmdb:2", film(1), action, reason, Side.LEFT, "film-1", from_position_ms=minutes(position))


DECISIONS = (
    decision(Action.WRITE, Reason.NEWER_POSITION),
    decision(Action.WRITE, Reason.ONLY_ON_SOURCE),
    decision(Action.CLEAR, Reason.FINISHED_ON_SOURCE, 0),
    decision(Action.WAIT, Reason.HELD_FOR_APPROVAL),
    decision(Action.WAIT, Reason.HELD_FOR_APPROVAL, 0),
    decision(Action.WAIT, Reason.PLAYING_ON_TARGET),
    decision(Action.NONE, Reason.IN_SYNC),
    decision(Action.NONE, Reason.IN_SYNC),
    decision(Action.NONE, Reason.NEAR_END),
    decision(Action.UNRESOLVED, Reason.NOT_FOUND),
)


def test_a_report_counts_titles_by_action() -> None:
    """Each decision is in exactly one count."""
    report = Report(DECISIONS, at(0), at(1), applied=True)
    assert (report.updated, report.cleared, report.waiting, report.unresolved) == (2, 1, 3, 1)
    assert report.skipped == {Reason.IN_SYNC: 2, Reason.NEAR_END: 1}
    counts = (report.updated, report.cleared, report.waiting, report.unresolved, *report.skipped.values())
    assert sum(counts) == len(DECISIONS)


def test_held_titles_and_held_removals_are_counted_apart() -> None:
    """Two titles wait for approval: a write of a new pair, and a removal."""
    report = Report(DECISIONS, at(0), at(1), applied=True)
    assert (report.held, report.held_removals) == (2, 1)


def test_writes_and_clears_are_pending_until_they_are_carried_out() -> None:
    """Three titles wait in any case; after a mere plan two writes and a clear are pending too."""
    assert Report(DECISIONS, at(0), at(1), applied=True).pending == 3
    assert Report(DECISIONS, at(0), at(1), applied=False).pending == 6


def test_a_position_that_is_not_kept_is_not_pending() -> None:
    """It counts as waiting, like every title of that action, but nothing comes of the wait."""
    report = Report((decision(Action.WAIT, Reason.NOT_KEPT), *DECISIONS), at(0), at(1), applied=True)
    assert (report.waiting, report.pending) == (4, 3)


def test_a_place_of_a_mass_of_zeros_is_no_change_that_waits_for_approval() -> None:
    """The account is asked about, not the pair: approving the pair's changes does not touch it."""
    zeros = replace(decision(Action.WAIT, Reason.HELD_FOR_APPROVAL), lost=Lost.HELD)
    report = Report((zeros, *DECISIONS), at(0), at(1), applied=True)
    assert (report.held, report.held_removals, report.waiting) == (2, 1, 4)


@pytest.mark.parametrize(
    ("action", "reason", "lost", "expected"),
    [
        (Action.WRITE, Reason.PUT_BACK, Lost.LOST, True),
        (Action.CLEAR, Reason.FINISHED_ON_SOURCE, None, True),
        (Action.WAIT, Reason.HELD_FOR_APPROVAL, None, True),
        (Action.WAIT, Reason.HELD_FOR_APPROVAL, Lost.HELD, False),
        (Action.WAIT, Reason.NOT_KEPT, Lost.NOT_KEPT, False),
        (Action.WAIT, Reason.STARTED_BEHIND, None, False),
        (Action.NONE, Reason.IN_SYNC, None, False),
    ],
)
def test_a_closer_look_is_worth_it_where_the_target_may_change(
    action: Action, reason: Reason, lost: Lost | None, *, expected: bool
) -> None:
    """What waits for a person to move the title or to answer costs no request."""
    assert replace(decision(action, reason), lost=lost).may_change is expected


def test_the_target_is_across_from_the_source() -> None:
    """A decision with the source on the left has its target on the right."""
    assert decision(Action.WRITE, Reason.NEWER_POSITION).target is Side.RIGHT


def test_an_error_of_an_account_keeps_its_account_and_its_cause() -> None:
    """Its message is that of the server's error, which is its cause."""
    cause = CannotConnect("No answer")
    error = AccountError("anna", cause)
    assert (error.account_id, str(error), error.__cause__) == ("anna", "No answer", cause)
