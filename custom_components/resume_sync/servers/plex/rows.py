"""Rows of a Plex Media Server, as raw XML elements, read into the vocabulary of a sync."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
import re
from xml.etree.ElementTree import Element

from ...sync.model import Item, ItemState, MediaKind, Unreadable
from ..air_dates import air_day
from ..plain_text import plain_text
from ..plausible import LATEST_DATE_MS, MOST_NUMBER, MOST_PLAYS, told_date, told_length, told_position, whole
from .guids import external_ids, own_ids, show_ids, without_agent

_RATING_KEY = re.compile(r"[1-9][0-9]{0,18}")
_DATES = ("lastViewedAt", "viewedAt")
_MOST_IDS = 50
_KINDS = {"movie": MediaKind.MOVIE, "show": MediaKind.SHOW, "episode": MediaKind.EPISODE}


class UnreadableRow(Exception):
    """A row cannot be read. `item` is what it tells all the same; None: it has no rating key."""

    def __init__(self, reason: str, item: Item | None = None) -> None:
        """Keep the item; the message is the reason."""
        super().__init__(reason)
        self.item = item


@dataclass(frozen=True, slots=True)
class Row:
    """The state of a row, and which ids it lacks.

    `has_external_ids`: the row has `Guid` children. `show_key` is the rating key of an episode's show. `ids_withheld`:
    the episode has a `plex://` guid, but no external ids in this answer (listings of some versions leave them out).
    `show_ids_withheld`: the ids of its show have to be read; they are never in an episode's row. `section` is the key
    of its section.
    """

    state: ItemState
    has_external_ids: bool = False
    show_key: str | None = None
    ids_withheld: bool = False
    show_ids_withheld: bool = False
    section: str | None = None

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
    """The rows of a listing: read and unreadable ones by rating key.

    `nameless` counts the rows without a rating key, `others` those of things that are no film, show or episode.
    """

    read: dict[str, Row]
    unknown: dict[str, Unreadable]
    nameless: int = 0
    others: int = 0


def read_rows(elements: Iterable[Element], server_now: int) -> Rows:
    """Read all rows of films, shows and episodes; rows of other types are left out.

    `server_now` is the present on the server's clock, in epoch milliseconds. An answer leaves out the external ids of
    all its episodes, or of none. An item whose rows contradict each other is unreadable.
    """
    rows = Rows({}, {})
    for element in elements:
        if element.get("type") and element.get("type") not in _KINDS:
            rows.others += 1
            continue
        try:
            row = read_row(element, server_now)
        except UnreadableRow as problem:
            if problem.item is None:
                rows.nameless += 1
            else:
                rows.unknown[problem.item.item_id] = Unreadable(str(problem), problem.item)
        else:
            if rows.read.setdefault(row.state.item_id, row) != row:
                rows.unknown[row.state.item_id] = Unreadable("two rows that differ", row.item)
    for item_id in rows.unknown:
        rows.read.pop(item_id, None)
    if any(row.item.kind is MediaKind.EPISODE and row.has_external_ids for row in rows.read.values()):
        rows.read = {key: replace(row, ids_withheld=False) for key, row in rows.read.items()}
    return rows


def read_row(element: Element, server_now: int) -> Row:
    """Read one `Video` or `Directory` element; raises UnreadableRow where it has no rating key, type or position.

    `viewOffset` (milliseconds) and `viewCount` are absent when 0, `lastViewedAt` (seconds) when never played.
    """
    item_id = element.get("ratingKey", "")
    if not is_rating_key(item_id):
        raise UnreadableRow("no rating key")
    show_key = element.get("grandparentRatingKey", "")
    kind = _KINDS.get(element.get("type", ""), MediaKind.EPISODE if show_key else MediaKind.MOVIE)
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
        duration_ms=told_length(whole(element.get("duration"), LATEST_DATE_MS)),
        show_title=(plain_text(element.get("grandparentTitle", "")) or None) if episode else None,
        show_ids=show_ids(guid, show_guid) if episode else frozenset(),
        season=_optional(element, "parentIndex") if episode else None,
        episode=_optional(element, "index") if episode else None,
        aired=air_day(element.get("originallyAvailableAt")) if episode else None,
        library=plain_text(element.get("librarySectionTitle", "")) or None,
        identifiable=not without_agent(guid),
    )
    if not element.get("type"):
        raise UnreadableRow("no type", item)
    position = whole(element.get("viewOffset", "0"), LATEST_DATE_MS)
    if position is None:
        raise UnreadableRow("viewOffset is no number", item)
    if told_position(position, item.duration_ms) is None:
        raise UnreadableRow("viewOffset beyond the end", item)
    plays = whole(element.get("viewCount"), MOST_PLAYS) or 0
    date = _last_viewed(element, server_now)
    return Row(
        state=ItemState(
            item=item,
            position_ms=position,
            watched=plays > 0,
            play_count=plays,
            last_played_server_ms=date,
            date_unreadable=date is None and any(element.get(name) for name in _DATES),
        ),
        has_external_ids=bool(external),
        show_key=show_key if episode and is_rating_key(show_key) else None,
        ids_withheld=episode and not external and guid.startswith("plex://"),
        show_ids_withheld=episode
        and is_rating_key(show_key)
        and not show_guid.startswith(("com.plexapp.agents.", "local://", "none://")),
        section=element.get("librarySectionID"),
    )


def is_rating_key(text: str) -> bool:
    """Tell whether a text can be the rating key of an item: a whole number from 1 on."""
    return _RATING_KEY.fullmatch(text) is not None


def _last_viewed(element: Element, server_now: int) -> int | None:
    """Return when an item was last played, in epoch milliseconds; None where the server does not tell."""
    for name in _DATES:
        seconds = whole(element.get(name), LATEST_DATE_MS)
        date = told_date(None if seconds is None else seconds * 1000, server_now)
        if date is not None:
            return date
    return None


def _optional(element: Element, name: str) -> int | None:
    """Return a number that an item can do without."""
    return whole(element.get(name), MOST_NUMBER)
