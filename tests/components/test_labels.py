"""What people read of titles, times and texts from outside."""

from html import escape
import re
import string
from typing import Any

from hypothesis import given, strategies as st
from markdown_it import MarkdownIt
import pytest

from custom_components.resume_sync.labels import (
    Markdown,
    OutsideText,
    full_title,
    joined,
    markdown,
    placeholders,
    playing_time,
    shown_title,
    title_to_choose,
)
from custom_components.resume_sync.sync.model import Item, MediaKind


@pytest.mark.parametrize(
    ("title", "show_title", "shown"),
    [("Heat", None, "Heat"), ("The Detail", "The Wire", "The Wire: The Detail"), ("", "The Wire", "The Wire")],
)
def test_an_episode_is_called_by_its_show_first(title: str, show_title: str | None, shown: str) -> None:
    """An episode without a name is still known by its show."""
    assert shown_title(Item("1", MediaKind.EPISODE, title, show_title=show_title)) == OutsideText(shown)


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
    assert (full_title(item), title_to_choose(item)) == (OutsideText(name), OutsideText(choice))


@pytest.mark.parametrize(
    ("position_ms", "shown"), [(0, "0:00:00"), (59_999, "0:00:59"), (61_000, "0:01:01"), (36_061_000, "10:01:01")]
)
def test_playing_time(position_ms: int, shown: str) -> None:
    """Positions are shown as players show them."""
    assert playing_time(position_ms) == shown


HOSTILE = (
    "[Sign in again](http://evil.example/ha) ![x](http://evil.example/pixel.png)",
    "https://evil.example ftp://evil.example www.evil.example mail@evil.example",
    "<img src=//evil.example/x> <a href=//evil.example>y</a> <!-- z",
    "**b** _i_ ~~s~~ `c` $m$",
    "# heading",
    "1. one",
    "- [ ] box",
    "> [!WARNING]",
    "| a | b |\n|---|---|\n| c | d |",
    "[a]: http://evil.example\n\n[a]",
    "&lt;b&gt; &#91;x](http://evil.example)",
    "\\[x\\](http://evil.example)",
    "trailing \\",
    "    code",
    "===",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_text(text: str) -> None:
    """Markdown makes a paragraph of it that reads as it was written, wherever it stands."""
    for shown in (OutsideText(text).markdown, markdown(t"{text}"), markdown(t"{OutsideText(text)}")):
        assert signs(shown) == []
        assert MarkdownIt().render(shown) == f"<p>{escape(' '.join(text.split()))}</p>\n"
    assert f"{OutsideText(text)}" == OutsideText(text).markdown
    row = joined("\n", [markdown(t"- **{OutsideText(text)}** ({text})"), markdown(t"- {3}")])
    assert MarkdownIt().render(row).count("<") == len(("ul", "li", "strong", "li")) * 2


@given(st.text())
def test_nothing_from_outside_means_anything(text: str) -> None:
    """Every sign of ASCII that is neither letter nor digit has a backslash before it, so that it begins nothing."""
    assert signs(OutsideText(text).markdown) == []


def signs(text: str) -> list[str]:
    """Return the signs of a text that Markdown may take for its own."""
    return [sign for sign in re.sub(r"\\[!-/:-@\[-`{-~]", "", text) if sign in string.punctuation or sign in "\n\r\t"]


def test_placeholders_come_for_markdown_and_as_they_are() -> None:
    """Numbers and Markdown of our own as they are; a text that nobody has looked at is from outside."""
    assert placeholders({"server": OutsideText("A.B  *c*"), "count": 3, "list": markdown(t"- *own*")}) == {
        "server": r"A\.B \*c\*",
        "server_plain": "A.B *c*",
        "count": "3",
        "list": "- *own*",
    }
    # The type checker refuses text of which nobody has said where it comes from; it is harmless all the same.
    unknown: Any = "*x*"
    assert placeholders({"name": unknown}) == {"name": r"\*x\*"}
    assert placeholders({"name": "*x*"}) == {"name": r"\*x\*"}  # type: ignore[dict-item]
    assert isinstance(placeholders({"count": 3})["count"], Markdown)
