"""How Jellyfin and Emby choose, order and page items."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from zlib import crc32

from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.routes import Call
from tests.simulators.state import WatchState

from .rows import TYPES
from .values import date_argument

_KINDS = {name.casefold(): kind for kind, name in TYPES.items()}
_WATCH_FILTERS: dict[str, Callable[[WatchState], bool]] = {
    "isresumable": lambda _: True,
    "isplayed": lambda state: state.watched,
    "isunplayed": lambda state: not state.watched,
    "isfavorite": lambda state: state.favorite,
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a listing asks for. `kinds` and `filters` empty: any; `ids` None: not asked by id."""

    kinds: frozenset[EntryKind]
    filters: frozenset[str]
    ids: tuple[str, ...] | None
    parent_id: str
    recursive: bool
    sort_by: tuple[str, ...]
    descending: bool
    start: int
    limit: int | None
    count_total: bool
    saved_since: float | None
    search: str
    starts_with: str
    years: frozenset[int]
    number: int | None
    season: int | None
    videos_only: bool

    @property
    def resumable(self) -> bool:
        """Whether only items in progress are asked for."""
        return "isresumable" in self.filters


def read_query(call: Call, ids: tuple[str, ...] | None, parent_id: str, *, recursive: bool) -> ListQuery:
    """Read a listing's arguments; values that the server does not know are dropped, as it does."""
    kinds = frozenset(_KINDS[word.casefold()] for word in call.words("IncludeItemTypes") if word.casefold() in _KINDS)
    excluded = frozenset(
        _KINDS[word.casefold()] for word in call.words("ExcludeItemTypes") if word.casefold() in _KINDS
    )
    filters = frozenset(word.casefold() for word in call.words("Filters") if word.casefold() in _WATCH_FILTERS)
    limit = call.argument("Limit")
    return ListQuery(
        kinds=(kinds or frozenset(EntryKind)) - excluded if kinds or excluded else frozenset(),
        filters=filters,
        ids=ids,
        parent_id=parent_id,
        recursive=recursive,
        sort_by=tuple(word.casefold() for word in call.words("SortBy")),
        descending=call.argument("SortOrder").split(",")[0].casefold() == "descending",
        start=call.number("StartIndex"),
        limit=int(limit) if limit.isdecimal() else None,
        count_total=call.flag("EnableTotalRecordCount", default=True),
        saved_since=_saved_since(call),
        search=call.argument("SearchTerm").casefold(),
        starts_with=call.argument("NameStartsWith").casefold(),
        years=frozenset(int(word) for word in call.words("Years") if word.isdecimal()),
        number=_whole(call, "IndexNumber"),
        season=_whole(call, "ParentIndexNumber"),
        videos_only=call.argument("MediaTypes").casefold() == "video",
    )


def _saved_since(call: Call) -> float | None:
    """Return from when on items have to be saved: two names for the same."""
    dates = [date_argument(name, call.argument(name)) for name in ("minDateLastSaved", "minDateLastSavedForUser")]
    return max((date for date in dates if date is not None), default=None)


def _whole(call: Call, name: str) -> int | None:
    """Return a whole number, None where there is none."""
    text = call.argument(name)
    return int(text) if text.isdecimal() else None


def matches(query: ListQuery, entry: Entry) -> bool:
    """Tell whether an entry itself, without regard to any user, is asked for."""
    title = entry.title.casefold()
    return (
        (not query.kinds or entry.kind in query.kinds)
        and (query.saved_since is None or entry.changed_at >= query.saved_since)
        and (not query.search or query.search in title)
        and (not query.starts_with or title.startswith(query.starts_with))
        and (not query.years or entry.year in query.years)
        and (query.number is None or entry.number == query.number)
        and (query.season is None or entry.season == query.season)
        and (not query.videos_only or entry.kind in (EntryKind.FILM, EntryKind.EPISODE))
    )


def watch_matches(query: ListQuery, state: WatchState) -> bool:
    """Tell whether an item in this state is asked for."""
    return all(_WATCH_FILTERS[name](state) for name in query.filters)


def is_below(entry: Entry, parent_id: str, *, recursive: bool) -> bool:
    """Tell whether an entry lies in a library, show or season."""
    parents = [entry.season_id or entry.show_id or entry.library.library_id]
    if recursive:
        parents += [entry.show_id or "", entry.library.library_id]
    return parent_id in parents


def order(
    entries: Iterable[Entry], query: ListQuery, state: Callable[[Entry], WatchState], default: tuple[str, ...] = ()
) -> list[Entry]:
    """Sort entries. Without an order they come differently for each page, as a database may return them."""
    keys = query.sort_by or default
    rows = list(entries)
    if not any(key in _SORT_KEYS or key == "dateplayed" for key in keys):
        return sorted(rows, key=lambda entry: crc32(f"{query.start}/{entry.item_id}".encode()))
    for key in reversed(keys):
        if key == "dateplayed":
            rows.sort(key=lambda entry: state(entry).last_played or 0, reverse=query.descending)
        elif key in _SORT_KEYS:
            rows.sort(key=_SORT_KEYS[key], reverse=query.descending)
    return rows


def _by_number(value: float | None) -> float:
    """Put what has no number first."""
    return -1 if value is None else value


_SORT_KEYS: dict[str, Callable[[Entry], str | float]] = {
    "sortname": lambda entry: entry.title.casefold(),
    "name": lambda entry: entry.title.casefold(),
    "datecreated": lambda entry: entry.added_at,
    "productionyear": lambda entry: _by_number(entry.year),
    "indexnumber": lambda entry: _by_number(entry.number),
    "parentindexnumber": lambda entry: _by_number(entry.season),
    "runtime": lambda entry: _by_number(entry.duration_ms),
}
