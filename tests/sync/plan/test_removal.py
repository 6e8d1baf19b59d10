"""Removals: from an explicit 0 only, in two runs, and cancelled by any change."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.ledger import Ledger, item_key
from custom_components.resume_sync.sync.model import (
    Action,
    Activity,
    Direction,
    PairRules,
    Reason,
    RemoveMode,
    ServerType,
    Side,
)
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Carried
from custom_components.resume_sync.sync.tries import Attempt, Stored
from tests.sync.builders import at, copy, minutes, point, shelf
from tests.sync.world import film

from .removals import AWAITING, CLEARED, FINISHED, MIRROR, RULES, begun, outcome, run, zero


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (FINISHED, Reason.FINISHED_ON_SOURCE),
        (CLEARED, Reason.CLEARED_ON_SOURCE),
        (point(100, Cause.HIDDEN), Reason.HIDDEN_ON_SOURCE),
    ],
)
def test_the_first_run_records_and_the_second_clears(edit: Edit, reason: Reason) -> None:
    """In both directions of a two-way pair, carrying the source's edit and leaving the target's date."""
    for turned in (False, True):
        sides = (zero(edit), copy(20, point(50)))
        left, right = sides[::-1] if turned else sides
        ledger = begun()
        assert outcome(left, right, ledger) == AWAITING
        (tombstone,) = ledger.tombstones
        assert (tombstone.side, tombstone.recorded_at) == (Side.LEFT if turned else Side.RIGHT, at(600))
        assert (tombstone.reason, tombstone.target_position_ms) == (reason, minutes(20))
        (decision,) = run(left, right, ledger, now=601)
        assert (decision.action, decision.reason) == (Action.CLEAR, reason)
        assert decision.carried == Carried(edit)


def test_a_clear_goes_to_every_copy_in_progress() -> None:
    """Copies at 0 are not cleared."""
    right = shelf(
        copy(20, point(50), item=film(1, "a")), copy(30, point(40), item=film(1, "b")), copy(0, item=film(1, "c"))
    )
    (decision,) = run(zero(), right, begun())
    assert decision.target_item_ids == ("a", "b")


def test_the_second_run_confirms_by_reading_the_item_again() -> None:
    """A 0 that is only remembered confirms nothing."""
    ledger = begun()
    assert outcome(zero(), copy(20, point(50)), ledger) == AWAITING
    assert outcome(zero(fresh=False), copy(20, point(50)), ledger) == AWAITING
    assert outcome(zero(), copy(20, point(50)), ledger)[0] is Action.CLEAR


def test_waiting_removals_are_listed_oldest_first() -> None:
    """A removal keeps the time at which it was recorded."""
    ledger = begun()
    first, second = copy(20, point(50), item=film(2)), copy(20, point(50), item=film(1))
    run(shelf(copy(0, FINISHED, item=film(2))), shelf(first), ledger, now=600)
    left = shelf(copy(0, FINISHED, item=film(2), fresh=False), copy(0, FINISHED, item=film(1)))
    run(left, shelf(first, second), ledger, now=601)
    assert [one.item.title for one in ledger.tombstones] == ["Film 2", "Film 1"]
    assert [one.recorded_at for one in ledger.tombstones] == [at(600), at(601)]


def test_the_first_run_of_a_pair_records_nothing() -> None:
    """The titles stay in progress, with the reason of the 0 that is not carried over."""
    ledger = Ledger(approved=True)
    assert outcome(zero(), copy(20, point(50)), ledger) == (Action.NONE, Reason.FINISHED_ON_TARGET)
    assert outcome(zero(CLEARED), copy(20, point(50)), ledger) == (Action.NONE, Reason.CLEARED_ON_TARGET)
    assert not ledger.waiting


@pytest.mark.parametrize(
    ("ledger", "emptied", "reason"),
    [
        (Ledger(approved=True), FINISHED, Reason.FINISHED_ON_TARGET),
        (Ledger(approved=True), CLEARED, Reason.CLEARED_ON_TARGET),
        (begun(), point(100, Cause.RESTARTED), Reason.CLEARED_ON_TARGET),
    ],
)
def test_a_zero_that_is_not_carried_over_is_reported_as_a_position_not_written(
    ledger: Ledger, emptied: Edit, reason: Reason
) -> None:
    """Source of the decision is the side in progress, target the side at 0."""
    (decision,) = run(zero(emptied), copy(20, point(50)), ledger)
    assert (decision.reason, decision.source) == (reason, Side.RIGHT)
    assert (decision.from_position_ms, decision.to_position_ms) == (minutes(20), 0)


@pytest.mark.parametrize(
    ("pair", "left", "right", "expected"),
    [(90, 90, 100, True), (91, 0, 0, False), (0, 91, 0, False), (0, 0, 101, False)],
)
def test_only_zeros_since_all_histories_began_are_removals(
    pair: float, left: float, right: float, *, expected: bool
) -> None:
    """An edit that may be older than the history of the pair or of the source is no removal.

    First reads are not made at one moment: an edit that may be later than the target's first read counts.
    """
    ledger = begun(started_at=at(pair))
    on_left = shelf(zero(CLEARED), since=at(left))
    on_right = shelf(copy(20, point(50)), since=at(right))
    assert (outcome(on_left, on_right, ledger) == AWAITING) is expected


def test_the_targets_later_edit_cancels() -> None:
    """The title was resumed on the target."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    assert outcome(zero(), copy(25, point(150)), ledger)[0] is not Action.CLEAR
    assert not ledger.waiting


def test_a_resumed_title_cancels() -> None:
    """The title was resumed on the source, where it had been finished."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    assert outcome(copy(10, point(150)), copy(20, point(50)), ledger) == (Action.WRITE, Reason.NEWER_POSITION)
    assert not ledger.waiting


def test_the_titles_disappearance_cancels() -> None:
    """The title is gone from the target."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    assert run(zero(), copy(0, point(150, Cause.CLEARED)), ledger) == []
    assert not ledger.waiting


def test_switching_removal_off_cancels() -> None:
    """The next run drops the tombstone."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    assert outcome(zero(), copy(20, point(50)), ledger, PairRules()) == (Action.NONE, Reason.REMOVE_OFF)
    assert not ledger.waiting


def test_a_second_finish_waits_anew() -> None:
    """Resumed and finished once more between two runs."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    again = zero(point(200, Cause.FINISHED))
    assert outcome(again, copy(20, point(50)), ledger, now=700) == AWAITING
    assert [one.recorded_at for one in ledger.tombstones] == [at(700)]
    assert outcome(again, copy(20, point(50)), ledger, now=701)[0] is Action.CLEAR


@pytest.mark.parametrize("rules", [RULES, MIRROR])
def test_a_title_started_over_is_never_removed(rules: PairRules) -> None:
    """Stopped below the server's minimum: the viewer is at the beginning of the title."""
    restarted = zero(point(100, Cause.RESTARTED))
    assert outcome(restarted, copy(20, point(50)), begun(), rules) == (Action.NONE, Reason.CLEARED_ON_TARGET)


def test_plex_cannot_clear_and_nothing_is_written_instead() -> None:
    """The reason says so, and no tombstone is recorded."""
    ledger = begun()
    right = shelf(copy(20, point(50)), kind=ServerType.PLEX)
    assert outcome(zero(), right, ledger) == (Action.NONE, Reason.NOT_SUPPORTED)
    assert not ledger.waiting


def test_plex_hides_what_it_cannot_clear_where_people_said_so() -> None:
    """Decided in two runs as every removal, and carried out by hiding; Jellyfin is cleared as ever."""
    rules, ledger = replace(RULES, hide_on_plex=True), begun()
    right = shelf(copy(20, point(50)), kind=ServerType.PLEX)
    assert outcome(zero(), right, ledger, rules) == AWAITING
    (decision,) = run(zero(), right, ledger, rules, now=601)
    assert (decision.action, decision.reason) == (Action.CLEAR, Reason.FINISHED_ON_SOURCE)
    assert decision.carried is not None
    assert decision.carried.hides
    ledger = begun()
    assert outcome(zero(), copy(20, point(50)), ledger, rules) == AWAITING
    (decision,) = run(zero(), copy(20, point(50)), ledger, rules, now=601)
    assert decision.carried is not None
    assert not decision.carried.hides


def test_guardrails_and_the_add_switch_hold_for_writes_alone() -> None:
    """A title near its end is cleared although guardrails and switch forbid writes."""
    rules = PairRules(remove=RemoveMode.SOURCE, add=False, min_seconds=3600, delta_seconds=3600)
    assert outcome(zero(), copy(99, point(50)), begun(), rules) == AWAITING


@pytest.mark.parametrize("activity", Activity)
def test_a_title_that_is_open_is_not_cleared(activity: Activity) -> None:
    """While either side plays or has paused the title, the tombstone waits."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    watching = copy(20, point(50), activity=activity)
    assert outcome(zero(), watching, ledger) == (Action.WAIT, Reason.PLAYING_ON_TARGET)
    assert outcome(zero(activity=activity), copy(20, point(50)), ledger) == (Action.WAIT, Reason.PLAYING_ON_SOURCE)
    assert [one.recorded_at for one in ledger.tombstones] == [at(600)]


def test_no_tombstone_is_recorded_while_a_viewer_watches() -> None:
    """A removal begins when both sides are at rest."""
    ledger = begun()
    watching = copy(20, point(50), activity=Activity.PLAYING)
    assert outcome(zero(), watching, ledger) == (Action.WAIT, Reason.PLAYING_ON_TARGET)
    assert not ledger.waiting


def test_a_clear_that_did_not_work_waits_for_its_time() -> None:
    """The tombstone is kept during the back-off."""
    ledger = begun()
    run(zero(), copy(20, point(50)), ledger)
    ledger.attempts["right:film-1"] = Attempt(0, Reason.WRITE_FAILED, 1, at(700))
    assert outcome(zero(), copy(20, point(50)), ledger, now=699) == (Action.WAIT, Reason.WRITE_FAILED)
    assert ledger.waiting
    assert outcome(zero(), copy(20, point(50)), ledger, now=700)[0] is Action.CLEAR


def test_one_way_only_the_sources_removals_count() -> None:
    """A title finished on the target stays in progress on the source."""
    rules = PairRules(direction=Direction.TO_PEER, remove=RemoveMode.SOURCE)
    assert outcome(zero(), copy(20, point(50)), begun(), rules) == AWAITING
    assert outcome(copy(20, point(50)), zero(), begun(), rules) == (Action.NONE, Reason.FINISHED_ON_TARGET)


OLD = point(5, Cause.FINISHED)


@pytest.mark.parametrize("edit", [FINISHED, CLEARED])
def test_mirror_clears_titles_that_left_the_source(edit: Edit) -> None:
    """Seen in progress there since the history began; the clear counts as made now."""
    ledger = begun()
    assert outcome(zero(edit), copy(20, point(50)), ledger, MIRROR) == AWAITING
    (decision,) = run(zero(edit), copy(20, point(50)), ledger, MIRROR, now=601)
    assert (decision.action, decision.reason) == (Action.CLEAR, Reason.MIRRORED)
    assert decision.carried == Carried(point(601, Cause.CLEARED))


@pytest.mark.parametrize(("edit", "reason"), [(None, Reason.TARGET_NEWER), (OLD, Reason.FINISHED_ON_TARGET)])
def test_mirror_keeps_what_its_source_never_had_in_progress(edit: Edit | None, reason: Reason) -> None:
    """A pair onto a server that was reset would empty the target. It goes once a person has agreed to the first run."""
    ledger = begun()
    assert outcome(zero(edit), copy(20, point(50)), ledger, MIRROR) == (Action.NONE, reason)
    ledger.mirror_agreed_at = at(10)
    assert outcome(zero(edit), copy(20, point(50)), ledger, MIRROR) == AWAITING
    assert outcome(zero(edit), copy(20, point(50)), ledger, MIRROR)[0] is Action.CLEAR


def test_mirror_is_agreed_to_in_the_preview_of_its_first_run() -> None:
    """That run records the removal, and the preview shows it."""
    ledger = Ledger()
    (decision,) = run(zero(None), copy(20, point(50)), ledger, MIRROR, approval=Approval.FIRST_SYNC)
    assert (decision.action, decision.reason) == AWAITING
    assert len(ledger.tombstones) == 1


def test_the_agreement_to_mirror_ends_with_the_history_of_the_source() -> None:
    """Lost at minute 400: its server may be another one, and nobody has seen what it would remove now."""
    ledger = begun(mirror_agreed_at=at(300))
    left, right = shelf(zero(None), since=at(400)), shelf(copy(20, point(50)))
    assert outcome(left, right, ledger, MIRROR) == (Action.NONE, Reason.TARGET_NEWER)


def test_an_agreement_to_mirror_is_for_mirror_alone() -> None:
    """Changed to another mode, the pair goes by what left the source since its history began."""
    ledger = begun(mirror_agreed_at=at(10))
    assert outcome(zero(OLD), copy(20, point(2)), ledger) == (Action.NONE, Reason.FINISHED_ON_TARGET)


def test_mirror_records_a_removal_without_an_edit_as_mirrored() -> None:
    """The tombstone has the reason `mirrored`."""
    ledger = begun(mirror_agreed_at=at(10))
    run(zero(None), copy(20, point(50)), ledger, MIRROR)
    assert [one.reason for one in ledger.tombstones] == [Reason.MIRRORED]


def test_mirror_overrules_the_targets_later_edit() -> None:
    """The source's 0 stands although the title was moved later on the target."""
    assert outcome(zero(), copy(20, point(300)), begun(), MIRROR) == AWAITING


def test_mirror_records_nothing_in_its_first_run() -> None:
    """The title stays in progress, as in any other mode."""
    ledger = Ledger(approved=True)
    assert outcome(zero(None), copy(20, point(50)), ledger, MIRROR) == (Action.NONE, Reason.TARGET_NEWER)
    assert not ledger.waiting


def test_a_clear_that_is_not_kept_waits() -> None:
    """Cleared five times for the same finish, and in progress again each time without anybody: not before its time."""
    ledger = begun()
    assert FINISHED is not None
    key = item_key(Side.RIGHT, "film-1")
    ledger.stored[key] = Stored(0, FINISHED, at(500), times=5, retry_at=at(700))
    held = copy(20, point(50))
    assert outcome(zero(), held, ledger, now=600)[:2] == (Action.WAIT, Reason.NOT_KEPT)
    assert outcome(zero(), held, ledger, now=700)[:2] != (Action.WAIT, Reason.NOT_KEPT)
