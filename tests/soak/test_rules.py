"""The soak tests itself: each row of the journal's tables, switched off, is caught by a family that provokes it."""

import pytest

from .families import FAMILIES
from .families.play import first_caught
from .rules_off import Rule, rules, without

pytestmark = pytest.mark.slow

CAUGHT_BY = {
    Rule("WHOSE", "early read"): "listing-overtaken",
    Rule("WHOSE", "ours"): "echoes",
    Rule("WHOSE", "never known"): "zeros",
    Rule("WHOSE", "hidden"): "hidden",
    Rule("WHOSE", "same"): "late-writes",
    Rule("WHOSE", "app closes"): "app-left-open",
    Rule("WHOSE", "abandoned play"): "tv-switched-off",
    Rule("WHOSE", "echo of a finish"): "marks-spread",
    Rule("WHOSE", "zero"): "tool-writes-zero",
    Rule("WHOSE", "told late"): "told-late",
    Rule("ZEROS", "one of many"): "server-reset",
    Rule("ZEROS", "finished"): "finishes",
    Rule("ZEROS", "taken off"): "marked-unplayed",
    Rule("ZEROS", "app failed"): "app-fails-far-on",
    Rule("ZEROS", "started over"): "files-replaced",
    Rule("WHEN", "told by push"): "told-by-push",
    Rule("WHEN", "dated late"): "dated-late",
    Rule("WHEN", "no date"): "told-without-date",
    Rule("FINISHES", "told by push"): "told-by-push",
}
NOT_CAUGHT = {
    Rule("WHOSE", "plays at 0"),
    Rule("ZEROS", "restored"),
    Rule("WHEN", "restored"),
    Rule("FINISHES", "no date"),
    Rule("FINISHES", "over before last seen"),
}
"""Rows whose absence no family has shown so far."""

SCHEDULES = 60


def test_every_row_has_a_family() -> None:
    """A new row is provoked by a family, or is listed as one that is not."""
    assert set(rules()) == CAUGHT_BY.keys() | NOT_CAUGHT


@pytest.mark.parametrize("rule", CAUGHT_BY, ids=str)
def test_a_row_that_is_switched_off_is_caught(rule: Rule) -> None:
    """Without the row a schedule of its family violates an invariant, which holds with it."""
    family = FAMILIES[CAUGHT_BY[rule]]
    with without(rule):
        seed = first_caught(family, range(SCHEDULES))
    assert seed is not None
    assert first_caught(family, [seed]) is None


def test_unknown_rows_cannot_be_switched_off() -> None:
    """A row that was renamed is no row that was caught."""
    with pytest.raises(LookupError), without(Rule("WHOSE", "no such row")):
        pass
