"""The words and numbers of a preview."""

import pytest

from custom_components.resume_sync.flows.pair_preview import item_name, plain, playing_time
from custom_components.resume_sync.sync.model import Item, MediaKind


@pytest.mark.parametrize(
    ("position_ms", "shown"), [(0, "0:00:00"), (59_999, "0:00:59"), (61_000, "0:01:01"), (36_061_000, "10:01:01")]
)
def test_playing_time(position_ms: int, shown: str) -> None:
    """Positions are shown as players show them."""
    assert playing_time(position_ms) == shown


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (Item("1", MediaKind.MOVIE, "Heat", year=1995), "Heat (1995)"),
        (Item("1", MediaKind.MOVIE, "Heat"), "Heat"),
        (Item("1", MediaKind.EPISODE, "Pilot", show_title="Lost", season=1, episode=2), "Lost S1E2 Pilot"),
        (Item("1", MediaKind.EPISODE, "Special", show_title="Lost", season=0, episode=1), "Lost S0E1 Special"),
        (Item("1", MediaKind.EPISODE, "", show_title="Lost"), "Lost"),
    ],
)
def test_item_name(item: Item, name: str) -> None:
    """Films come with their year, episodes with their show and number."""
    assert item_name(item) == name


def test_titles_cannot_format() -> None:
    """Whatever a title holds is shown, not interpreted."""
    assert plain("a *b* _c_\n<img src=x> [d](e) `f` #") == r"a \*b\* \_c\_ \<img src=x\> \[d\]\(e\) \`f\` \#"
