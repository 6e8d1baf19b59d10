"""What people read: one way to call a title, a playing time, a moment, and any text that comes from outside."""

import re
from typing import Final

from homeassistant.util import dt as dt_util

from .sync.model import Item

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")


def shown_title(item: Item) -> str:
    """Return what people call an item: for an episode its show comes first, `The Wire: The Detail`."""
    if item.show_title is None:
        return item.title
    return f"{item.show_title}: {item.title}" if item.title else item.show_title


def full_title(item: Item) -> str:
    """Return a title that stands alone, with what tells it from others of its name, as the cards show it beside.

    `The Wire: The Detail (S1 E2)`, `Heat (1995)`.
    """
    if item.season is not None and item.episode is not None:
        return f"{shown_title(item)} (S{item.season} E{item.episode})"
    return shown_title(item) if item.year is None else f"{shown_title(item)} ({item.year})"


def title_to_choose(item: Item) -> str:
    """Return a title among others that may be the same one: with its length, `Heat (1995), 170 min`."""
    name = full_title(item)
    return name if item.duration_ms is None else f"{name}, {round(item.duration_ms / 60_000)} min"


def playing_time(position_ms: int) -> str:
    """Return a position as players show it: `1:02:03`."""
    minutes, seconds = divmod(position_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def shown_time(milliseconds: int) -> str:
    """Return a moment as actions return it."""
    return dt_util.utc_from_timestamp(milliseconds / 1000).isoformat()


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: titles come from anywhere."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
