"""What a report counts."""

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


def test_a_report_counts_titles_by_what_is_done() -> None:
    """Each decision is in exactly one count."""
    report = Report(DECISIONS, at(0), at(1), applied=True)
    assert (report.updated, report.cleared, report.waiting, report.unresolved) == (2, 1, 3, 1)
    assert report.skipped == {Reason.IN_SYNC: 2, Reason.NEAR_END: 1}
    counts = (report.updated, report.cleared, report.waiting, report.unresolved, *report.skipped.values())
    assert sum(counts) == len(DECISIONS)


def test_what_is_held_is_told_apart_by_what_it_would_do() -> None:
    """Writes of a new pair, and removals."""
    report = Report(DECISIONS, at(0), at(1), applied=True)
    assert (report.held, report.held_removals) == (2, 1)


def test_what_was_only_planned_is_pending() -> None:
    """What was carried out is not, what waits always is."""
    assert Report(DECISIONS, at(0), at(1), applied=True).pending == 3
    assert Report(DECISIONS, at(0), at(1), applied=False).pending == 6


def test_the_target_is_across_from_the_source() -> None:
    """Whatever is decided."""
    assert decision(Action.WRITE, Reason.NEWER_POSITION).target is Side.RIGHT


def test_an_accounts_error_keeps_whose_it_is_and_what_it_was() -> None:
    """The server's own error is its cause."""
    cause = CannotConnect("No answer")
    error = AccountError("anna", cause)
    assert (error.account_id, str(error), error.__cause__) == ("anna", "No answer", cause)
