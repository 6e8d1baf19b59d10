"""Media queries: the filters and sort orders that a Plex library listing understands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.state import WatchState

from .rows import sort_title

TYPES = {1: EntryKind.FILM, 2: EntryKind.SHOW, 3: EntryKind.SEASON, 4: EntryKind.EPISODE}
_SCOPES = {
    "movie": EntryKind.FILM,
    "show": EntryKind.SHOW,
    "season": EntryKind.SEASON,
    "episode": EntryKind.EPISODE,
}
_DEFAULT_SORTS = {
    EntryKind.FILM: "titleSort",
    EntryKind.SHOW: "titleSort",
    EntryKind.SEASON: "show.titleSort,season.index",
    EntryKind.EPISODE: "show.titleSort,season.index:nullsLast,episode.index:nullsLast,episode.titleSort,episode.id",
}

type Comparable = int | float | str | bool | None
type Field = Callable[[Entry, WatchState], Comparable]


class BadQuery(Exception):
    """The server answers 400."""


FIELDS: Mapping[str, Field] = {
    "id": lambda entry, _: int(entry.item_id),
    "index": lambda entry, _: entry.number,
    "title": lambda entry, _: entry.title,
    "titleSort": lambda entry, _: sort_title(entry.title).casefold(),
    "year": lambda entry, _: entry.year,
    "originallyAvailableAt": lambda entry, _: entry.year,
    "duration": lambda entry, _: entry.duration_ms,
    "addedAt": lambda entry, _: int(entry.added_at),
    "updatedAt": lambda entry, _: int(entry.changed_at),
}
STATE_FIELDS: Mapping[str, Field] = {
    "viewOffset": lambda _, state: state.position_ms,
    "viewCount": lambda _, state: state.play_count,
    "lastViewedAt": lambda _, state: None if state.last_played is None else int(state.last_played),
    "unwatched": lambda _, state: state.play_count == 0,
    "inProgress": lambda _, state: state.position_ms > 0,
}
TEXTS = frozenset({"title", "titleSort", "guid"})
TRUTHS = frozenset({"unwatched", "inProgress"})
DATES = frozenset({"addedAt", "updatedAt", "lastViewedAt"})
_UNSORTABLE = frozenset({"title"}) | TRUTHS


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: a field of the result or of its show or season, an operator, and values that are alternatives."""

    scope: EntryKind
    name: str
    operator: str
    values: tuple[str, ...]

    def numbers(self) -> list[int]:
        """Return the values as numbers; raises BadQuery."""
        return [_number(value, date=self.name in DATES) for value in self.values]


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key."""

    scope: EntryKind
    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class MediaQuery:
    """What a listing asks for."""

    kind: EntryKind
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    limit: int | None


def parse_query(arguments: Iterable[tuple[str, str]], default_kind: EntryKind | None) -> MediaQuery:
    """Read a media query; arguments that are no fields are ignored, an unknown sort or type raises BadQuery."""
    pairs = list(arguments)
    kind = _kind(dict(pairs).get("type"), default_kind)
    filters = [found for name, value in pairs if (found := _filter(name, value, kind)) is not None]
    limit = dict(pairs).get("limit")
    order = dict(pairs).get("sort") or _DEFAULT_SORTS[kind]
    sorts = tuple(_sort(word.strip(), kind) for word in order.split(","))
    return MediaQuery(kind, tuple(filters), sorts, None if limit is None else _number(limit))


def _kind(text: str | None, default: EntryKind | None) -> EntryKind:
    """Return the type of the result."""
    kind = default if text is None else TYPES.get(int(text)) if text.isdecimal() else None
    if kind is None:
        raise BadQuery
    return kind


def _number(text: str, *, date: bool = False) -> int:
    """Read a number; dates also as days."""
    if text.removeprefix("-").isdecimal():
        return int(text)
    if date:
        try:
            return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
        except ValueError as error:
            raise BadQuery from error
    raise BadQuery


def _scoped(name: str, kind: EntryKind) -> tuple[EntryKind, str] | None:
    """Return whose field a name means; None where it is none."""
    scope, dot, field = name.rpartition(".")
    if dot and scope not in _SCOPES:
        return None
    known = field in FIELDS or field in STATE_FIELDS or field == "guid"
    return (_SCOPES[scope] if dot else kind, field) if known else None


def _filter(name: str, value: str, kind: EntryKind) -> Filter | None:
    """Read one argument as a condition; the operator's last character is the sign that ends the argument's name."""
    operator = "="
    for sign in (">>", "<<", "!", "=", ">", "<"):
        if name.endswith(sign):
            name, operator = name.removesuffix(sign), f"{sign}="
            break
    if operator == "=" and value.startswith("="):
        operator, value = "==", value[1:]
    found = _scoped(name, kind)
    if found is None:
        return None
    scope, field = found
    values = (value,) if field in ("title", "titleSort") else tuple(value.split(","))
    return Filter(scope, field, operator, values)


def _sort(word: str, kind: EntryKind) -> Sort:
    """Read one sort key."""
    name, *modes = word.split(":")
    found = _scoped(name, kind)
    if found is None or found[1] in _UNSORTABLE or not {"asc", "desc", "nullsLast"}.issuperset(modes):
        raise BadQuery
    return Sort(*found, descending="desc" in modes)
