"""Media queries at work: which items match, in which order."""

from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.state import WatchState

from .accounts import PlexUser
from .household import PlexHousehold
from .queries import FIELDS, STATE_FIELDS, TEXTS, TRUTHS, Comparable, Filter, MediaQuery, Sort
from .rows import combined_state

_NO_STATE = WatchState()


class QueryRun:
    """A media query over one server's items, as one user sees them."""

    def __init__(self, server: PlexHousehold, user: PlexUser, query: MediaQuery) -> None:
        """Prepare."""
        self._server = server
        self._user = user
        self._query = query

    def rows(self, library_ids: frozenset[str]) -> list[Entry]:
        """Return the matching items of these libraries, sorted."""
        query = self._query
        candidates = self._candidates()
        everything = candidates is None
        source = self._everything() if candidates is None else candidates
        rows = [
            entry
            for entry in source
            if entry.kind is query.kind
            and entry.primary_id is None
            and entry.library.library_id in library_ids
            and entry.library.mounted
            and all(self._fits(condition, entry) for condition in query.filters)
        ]
        if not everything or not self._sorted_already:
            for sort in reversed(query.sorts):
                rows.sort(key=lambda entry, sort=sort: self._sort_key(sort, entry), reverse=sort.descending)  # type: ignore[misc]
        return rows if query.limit is None else rows[: query.limit]

    @property
    def _sorted_already(self) -> bool:
        """Whether the order depends on the library alone, so that it can be remembered."""
        return not any(sort.descending or sort.name in STATE_FIELDS for sort in self._query.sorts)

    def _everything(self) -> list[Entry]:
        """Return all items of the type, sorted if their order can be remembered."""
        sorts = self._query.sorts if self._sorted_already else ()
        kind = self._query.kind
        return self._server.holdings.sorted_by(
            f"{kind} {sorts}",
            lambda entry: entry.kind is kind and entry.primary_id is None,
            lambda entry: tuple(self._sort_key(sort, entry) for sort in sorts),
        )

    def _candidates(self) -> list[Entry] | None:
        """Return the few items that can match, where a condition tells which; None: all."""
        server, states, user_id = self._server, self._server.states, self._user.user_id
        for condition in self._query.filters:
            own = condition.scope is self._query.kind
            key = (condition.name, condition.operator)
            leaf = condition.scope in (EntryKind.FILM, EntryKind.EPISODE)
            if (
                own
                and leaf
                and (key == ("viewOffset", ">>=") or (key == ("inProgress", "=") and self._true(condition)))
            ):
                if condition.name == "viewOffset" and min(condition.numbers()) < 0:
                    continue
                return [entry for each in states.in_progress(user_id) for entry in server.entries_of_state(each)]
            if own and leaf and key == ("lastViewedAt", ">>="):
                return [entry for each in states.known(user_id) for entry in server.entries_of_state(each)]
            if own and key == ("id", "="):
                found = (server.holdings.get(str(number)) for number in condition.numbers())
                return [entry for entry in found if entry is not None]
            if own and key == ("guid", "="):
                return [entry for value in condition.values for entry in server.entries_with_guid(value)]
            if condition.scope is EntryKind.SHOW and self._query.kind is EntryKind.EPISODE and key == ("id", "="):
                shows = (server.holdings.get(str(number)) for number in condition.numbers())
                return [leaf for show in shows if show is not None for leaf in server.leaves(show)]
        return None

    @staticmethod
    def _true(condition: Filter) -> bool:
        """Tell whether a condition asks for the truth of its field."""
        return condition.values == ("1",)

    def _subject(self, scope: EntryKind, entry: Entry) -> Entry | None:
        """Return the item, its season or its show."""
        if scope is entry.kind:
            return entry
        parent = {EntryKind.SHOW: entry.show_id, EntryKind.SEASON: entry.season_id}.get(scope)
        return None if parent is None else self._server.holdings.get(parent)

    def _value(self, scope: EntryKind, name: str, entry: Entry) -> Comparable:
        """Return a field's value."""
        subject = self._subject(scope, entry)
        if subject is None:
            return None
        if name == "guid":
            return self._server.guid(subject)
        if name in FIELDS:
            return FIELDS[name](subject, _NO_STATE)
        return STATE_FIELDS[name](subject, combined_state(self._server, self._user, subject))

    def _sort_key(self, sort: Sort, entry: Entry) -> tuple[bool, Comparable]:
        """Return a key that sorts missing values last."""
        value = self._value(sort.scope, sort.name, entry)
        missing = value is None
        return (missing is not sort.descending, 0) if missing else (sort.descending, value)

    def _fits(self, condition: Filter, entry: Entry) -> bool:
        """Tell whether an item meets a condition."""
        value = self._value(condition.scope, condition.name, entry)
        if condition.name in TRUTHS:
            return bool(value) is self._true(condition)
        if condition.name in TEXTS:
            return _text_fits(str(value), condition)
        numbers = condition.numbers()
        if value is None:
            return condition.operator == "!="
        assert isinstance(value, int | float)
        match condition.operator:
            case ">>=":
                return any(value > number for number in numbers)
            case "<<=":
                return any(value < number for number in numbers)
            case "!=":
                return value not in numbers
        return value in numbers


def _text_fits(text: str, condition: Filter) -> bool:
    """Compare texts: `=` contains, `==` is, `<=` begins with, `>=` ends with; a GUID is always compared as a whole."""
    text = text.casefold()
    wanted = [value.casefold() for value in condition.values]
    exact = condition.name == "guid"
    match condition.operator:
        case "=":
            return any(text == value if exact else value in text for value in wanted)
        case "==":
            return text in wanted
        case "!=":
            return not any(text == value if exact else value in text for value in wanted)
        case "<=":
            return any(text.startswith(value) for value in wanted)
        case ">=":
            return any(text.endswith(value) for value in wanted)
    return False
