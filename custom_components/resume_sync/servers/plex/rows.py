"""Rows of a Plex Media Server, as raw XML elements, read into the vocabulary of a sync."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
import re
from xml.etree.ElementTree import Element

from ...sync.model import Item, ItemState, MediaKind
from ..plain_text import plain_text, whole_number
from ..plausible import (
    LATEST_DATE_MS,
    LONGEST_MS,
    MOST_NUMBER,
    MOST_PLAYS,
    plausible_date,
    plausible_duration,
    plausible_position,
)
from .guids import external_ids, own_ids, show_ids

_RATING_KEY = re.compile(r"[1-9][0-9]{0,18}")
_MOST_IDS = 50
_KINDS = {"movie": MediaKind.MOVIE, "show": MediaKind.SHOW, "episode": MediaKind.EPISODE}


class UnreadableRow(Exception):
    """A row that cannot be understood, with the reason; `item_id` is None where the row has no rating key."""

    def __init__(self, item_id: str | None, reason: str) -> None:
        """Keep whose row it is and why."""
        super().__init__(reason)
        self.item_id = item_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """The state of a row, and which ids it lacks.

    `has_external_ids`: the row has `Guid` children. `show_key` is the rating key of an episode's show. `ids_withheld`:
    the episode has a `plex://` guid, but no external ids in this answer (listings of some versions leave them out).
    `show_ids_withheld`: the ids of its show have to be read; they are never in an episode's row.
    """

    state: ItemState
    has_external_ids: bool = False
    show_key: str | None = None
    ids_withheld: bool = False
    show_ids_withheld: bool = False

    @property
    def item(self) -> Item:
        """The item of the row."""
        return self.state.item

    def with_ids(self, ids: Iterable[str], show: Iterable[str]) -> ItemState:
        """Return the state with ids of the item and of its show added that were read elsewhere."""
        item = replace(self.item, ids=self.item.ids.union(ids), show_ids=self.item.show_ids.union(show))
        return replace(self.state, item=item)


@dataclass(slots=True)
class Rows:
    """The rows of a listing by rating key, reasons of unreadable rows by rating key, and how many have no key."""

    read: dict[str, Row]
    unknown: dict[str, str]
    nameless: int = 0


def read_rows(elements: Iterable[Element]) -> Rows:
    """Read all rows of films, shows and episodes; rows of other types are left out.

    An answer leaves out the external ids of all its episodes, or of none. An item whose rows contradict each other is
    unreadable.
    """
    rows = Rows({}, {})
    for element in elements:
        if element.get("type") in _KINDS or not element.get("type"):
            try:
                row = read_row(element)
            except UnreadableRow as problem:
                if problem.item_id is None:
                    rows.nameless += 1
                else:
                    rows.unknown[problem.item_id] = problem.reason
            else:
                if rows.read.setdefault(row.state.item_id, row) != row:
                    rows.unknown[row.state.item_id] = "two rows that differ"
    for item_id in rows.unknown:
        rows.read.pop(item_id, None)
    if any(row.item.kind is MediaKind.EPISODE and row.has_external_ids for row in rows.read.values()):
        rows.read = {key: replace(row, ids_withheld=False) for key, row in rows.read.items()}
    return rows


def read_row(element: Element) -> Row:
    """Read one `Video` or `Directory` element; raises UnreadableRow.

    `viewOffset` (milliseconds) and `viewCount` are absent when 0, `lastViewedAt` (seconds) when never played.
    """
    item_id = element.get("ratingKey", "")
    if not is_rating_key(item_id):
        raise UnreadableRow(None, "no rating key")
    kind = _KINDS.get(element.get("type", ""))
    if kind is None:
        raise UnreadableRow(item_id, "no type")
    plays = _number(element, item_id, "viewCount", MOST_PLAYS)
    position = _number(element, item_id, "viewOffset", LONGEST_MS)
    duration = plausible_duration(_number(element, item_id, "duration"))
    if not plausible_position(position, duration):
        raise UnreadableRow(item_id, "viewOffset beyond the end")
    guid = element.get("guid", "")
    external = [child.get("id", "") for child in islice(element.iterfind("Guid"), _MOST_IDS)]
    episode = kind is MediaKind.EPISODE
    show_guid = element.get("grandparentGuid", "") if episode else ""
    item = Item(
        item_id=item_id,
        kind=kind,
        title=plain_text(element.get("title", "")),
        ids=external_ids(kind, external) | own_ids(kind, guid),
        year=_optional(element, "year"),
        duration_ms=duration,
        show_title=(plain_text(element.get("grandparentTitle", "")) or None) if episode else None,
        show_ids=show_ids(guid, show_guid) if episode else frozenset(),
        season=_optional(element, "parentIndex") if episode else None,
        episode=_optional(element, "index") if episode else None,
    )
    show_key = element.get("grandparentRatingKey", "") if episode else ""
    return Row(
        state=ItemState(
            item=item,
            position_ms=position,
            watched=plays > 0,
            play_count=plays,
            last_played_server_ms=_last_viewed(element, item_id),
        ),
        has_external_ids=bool(external),
        show_key=show_key if is_rating_key(show_key) else None,
        ids_withheld=episode and not external and guid.startswith("plex://"),
        show_ids_withheld=is_rating_key(show_key)
        and not show_guid.startswith(("com.plexapp.agents.", "local://", "none://")),
    )


def is_rating_key(text: str) -> bool:
    """Tell whether a text can be the rating key of an item: a whole number from 1 on."""
    return _RATING_KEY.fullmatch(text) is not None


def _last_viewed(element: Element, item_id: str) -> int | None:
    """Return when an item was last played, None where the server does not tell; raises UnreadableRow."""
    for name in ("lastViewedAt", "viewedAt"):
        if element.get(name) and (seconds := _number(element, item_id, name)):
            if not plausible_date(seconds * 1000):
                raise UnreadableRow(item_id, f"{name} is no date")
            return seconds * 1000
    return None


def _number(element: Element, item_id: str, name: str, most: int = LATEST_DATE_MS) -> int:
    """Return a number that a sync depends on, 0 where it is absent; raises UnreadableRow."""
    number = whole_number(element.get(name, "0"), most)
    if number is None:
        raise UnreadableRow(item_id, f"{name} is no number")
    return number


def _optional(element: Element, name: str) -> int | None:
    """Return a number that an item can do without."""
    return whole_number(element.get(name, ""), MOST_NUMBER)
