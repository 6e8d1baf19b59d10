"""The planner over more titles than any household has."""

import tracemalloc

import pytest

from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Reason, ServerType
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.scene import Shelf
from tests.computing import lines_of
from tests.sync.builders import copy, decide, episode, point, shelf
from tests.sync.world import film

pytestmark = pytest.mark.slow

TITLES = 10_000
FEW = 1_000
MOST_BYTES = 200 * 2**20


def shelves(titles: int) -> tuple[Shelf, Shelf]:
    """Return two accounts with so many titles in progress on both: half films, half episodes of 100 shows.

    Every other title was moved later on the left; every tenth has a second copy there.
    """
    left, right = [], []
    for number in range(titles):
        if number % 2:
            items = [film(number, f"{side}{number}") for side in ("left", "copy", "right")]
        else:
            show, season, place = str(1 + number % 100), number // 2000, number // 100 % 20
            items = [
                episode(f"{side}{number}", f"tvdb:{1 + number}", show=[f"tvdb:{show}"], season=season, number=place)
                for side in ("left", "copy", "right")
            ]
        later, earlier = point(200 + number), point(100 + number)
        left.append(copy(20, later if number % 4 < 2 else earlier, item=items[0]))
        right.append(copy(50, earlier if number % 4 < 2 else later, item=items[2]))
        if number % 10 == 0:
            left.append(copy(10, point(number), item=items[1]))
    return shelf(*left), shelf(*right, kind=ServerType.EMBY)


def lines_planned(titles: int) -> int:
    """Return how many lines of code planning that many titles takes."""
    left, right = shelves(titles)
    ledger = Ledger(started_at=1, approved=True)
    return lines_of(lambda: decide(left, right, ledger=ledger))


def test_planning_takes_as_much_for_each_of_ten_thousand_titles_as_of_one_thousand() -> None:
    """Counted in lines of code: 390 for each title, however many there are."""
    assert lines_planned(TITLES) / TITLES < 1.1 * lines_planned(FEW) / FEW


def test_planning_ten_thousand_titles_takes_little_memory() -> None:
    """Planned twice, with the same result: every title is decided."""
    left, right = shelves(TITLES)
    ledger = Ledger(started_at=1, approved=True)
    decisions = decide(left, right, ledger=ledger)
    tracemalloc.start()
    try:
        planned_again: list[Decision] = decide(left, right, ledger=ledger)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert planned_again == decisions
    assert len(decisions) == TITLES
    assert {decision.reason for decision in decisions} == {Reason.NEWER_POSITION}
    assert peak < MOST_BYTES
