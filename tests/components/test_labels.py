"""What people read of titles, times and texts from outside."""

import pytest

from custom_components.resume_sync.labels import full_title, plain, playing_time, shown_title, title_to_choose
from custom_components.resume_sync.sync.model import Item, MediaKind


@pytest.mark.parametrize(
    ("title", "show_title", "shown"),
    [("Heat", None, "Heat"), ("The Detail", "The Wire", "The Wire: The Detail"), ("", "The Wire", "The Wire")],
)
def test_an_episode_is_called_by_its_show_first(title: str, show_title: str | None, shown: str) -> None:
    """An episode without a name is still known by its show."""
    assert shown_title(Item("1", MediaKind.EPISODE, title, show_title=show_title)) == shown


@pytest.mark.parametrize(
    ("item", "name", "choice"),
    [
        (Item("1", MediaKind.MOVIE, "Heat", year=1995, duration_ms=10_200_000), "Heat (1995)", "Heat (1995), 170 min"),
        (Item("1", MediaKind.MOVIE, "Heat"), "Heat", "Heat"),
        (
            Item("1", MediaKind.EPISODE, "Pilot", year=2004, show_title="Lost", season=1, episode=2),
            "Lost: Pilot (S1 E2)",
            "Lost: Pilot (S1 E2)",
        ),
        (
            Item("1", MediaKind.EPISODE, "Special", duration_ms=60_000, show_title="Lost", season=0, episode=1),
            "Lost: Special (S0 E1)",
            "Lost: Special (S0 E1), 1 min",
        ),
        (Item("1", MediaKind.EPISODE, "", show_title="Lost", season=1), "Lost", "Lost"),
    ],
)
def test_a_title_that_stands_alone(item: Item, name: str, choice: str) -> None:
    """Films come with their year, episodes with their show and number; among others also with their length."""
    assert (full_title(item), title_to_choose(item)) == (name, choice)


@pytest.mark.parametrize(
    ("position_ms", "shown"), [(0, "0:00:00"), (59_999, "0:00:59"), (61_000, "0:01:01"), (36_061_000, "10:01:01")]
)
def test_playing_time(position_ms: int, shown: str) -> None:
    """Positions are shown as players show them."""
    assert playing_time(position_ms) == shown


def test_titles_cannot_format() -> None:
    """Whatever a title holds is shown, not interpreted."""
    assert plain("a *b* _c_\n<img src=x> [d](e) `f` #") == r"a \*b\* \_c\_ \<img src=x\> \[d\]\(e\) \`f\` \#"
