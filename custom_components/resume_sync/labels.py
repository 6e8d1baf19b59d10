"""What people read: one way to call a title, a playing time, a moment, and any text that comes from outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re
from string.templatelib import Template
from typing import Final, override

from homeassistant.util import dt as dt_util

from .sync.model import Item

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")


class Markdown(str):
    """Text that Home Assistant may show as Markdown: whatever came from outside shows in it as it was written.

    Only what stands below makes it: `OutsideText.markdown`, `markdown` and `joined`.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class OutsideText:
    """A title, an error, or the name of a user, a server, an account or a pair: text that anybody may have chosen.

    Home Assistant shows the texts of its dialogs as Markdown, where a name may be a link or load a picture. This is no
    `str`, so that none gets there by oversight. `plain` is the text itself, for where nothing is made of it.
    """

    plain: str

    @property
    def markdown(self) -> Markdown:
        """The text for Markdown, on one line: every sign that could mean something is taken at its word."""
        return Markdown(_PUNCTUATION.sub(r"\\\1", " ".join(self.plain.split())))

    @override
    def __str__(self) -> str:
        """Return what can be put anywhere."""
        return self.markdown


type Shown = OutsideText | Markdown | int
"""What a text may be filled with."""


def markdown(template: Template) -> Markdown:
    """Return Markdown of our own with other texts in it: `markdown(t"**{title}** ({account})")`."""
    return Markdown("".join(part if isinstance(part, str) else _harmless(part.value) for part in template))


def joined(separator: str, parts: Iterable[Markdown]) -> Markdown:
    """Return Markdown that is put together, with a separator of our own."""
    return Markdown(separator.join(parts))


def placeholders(values: Mapping[str, Shown]) -> dict[str, str]:
    """Return what fills a text of a dialog or a repair.

    Descriptions are Markdown and take `{name}`; titles, labels and errors are shown as they are and take
    `{name_plain}` for what comes from outside.
    """
    filled: dict[str, str] = {}
    for name, value in values.items():
        filled[name] = _harmless(value)
        if isinstance(value, OutsideText):
            filled[f"{name}_plain"] = " ".join(value.plain.split())
    return filled


def _harmless(value: object) -> Markdown:
    """Return a value for Markdown; text of a type that nobody knows has come from outside, too."""
    if isinstance(value, Markdown):
        return value
    return (value if isinstance(value, OutsideText) else OutsideText(str(value))).markdown


def shown_title(item: Item) -> OutsideText:
    """Return what people call an item: for an episode its show comes first, `The Wire: The Detail`."""
    if item.show_title is None:
        return OutsideText(item.title)
    return OutsideText(f"{item.show_title}: {item.title}" if item.title else item.show_title)


def full_title(item: Item) -> OutsideText:
    """Return a title that stands alone, with what tells it from others of its name, as the cards show it beside.

    `The Wire: The Detail (S1 E2)`, `Heat (1995)`.
    """
    title = shown_title(item)
    if item.season is not None and item.episode is not None:
        return OutsideText(f"{title.plain} (S{item.season} E{item.episode})")
    return title if item.year is None else OutsideText(f"{title.plain} ({item.year})")


def title_to_choose(item: Item) -> OutsideText:
    """Return a title among others that may be the same one: with its length, `Heat (1995), 170 min`."""
    name = full_title(item)
    return name if item.duration_ms is None else OutsideText(f"{name.plain}, {round(item.duration_ms / 60_000)} min")


def playing_time(position_ms: int) -> str:
    """Return a position as players show it: `1:02:03`."""
    minutes, seconds = divmod(position_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def shown_time(milliseconds: int) -> str:
    """Return a moment as actions return it."""
    return dt_util.utc_from_timestamp(milliseconds / 1000).isoformat()
