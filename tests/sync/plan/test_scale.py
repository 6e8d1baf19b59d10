"""The planner over more titles than any household has."""

from time import perf_counter
import tracemalloc

import pytest

from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Reason, ServerType
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.scene import Shelf
from tests.sync.builders import copy, decide, episode, point, shelf
from tests.sync.world import film

TITLES = 10_000
MOST_SECONDS = 10
MOST_BYTES = 200 * 2**20


def shelves() -> tuple[Shelf, Shelf]:
    """Return two accounts with 10,000 titles in progress on both: half films, half episodes of 100 shows.

    Every other title was moved later on the left; every tenth has a second copy there.
    """
    left, right = [], []
    for number in range(TITLES):
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


def test_planning_ten_thousand_titles_is_quick_and_small(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints what it takes; the bounds are generous, so that only another order of growth passes them."""
    left, right = shelves()
    ledger = Ledger(started_at=1, approved=True)
    began = perf_counter()
    decisions = decide(left, right, ledger=ledger)
    seconds = perf_counter() - began
    tracemalloc.start()
    try:
        planned_again: list[Decision] = decide(left, right, ledger=ledger)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with capsys.disabled():
        print(f"\n{TITLES} titles on both sides: planned in {seconds:.2f} s, {peak / 2**20:.0f} MiB at most")  # noqa: T201
    assert planned_again == decisions
    assert len(decisions) == TITLES
    assert {decision.reason for decision in decisions} == {Reason.NEWER_POSITION}
    assert seconds < MOST_SECONDS
    assert peak < MOST_BYTES
