"""The routes that change a user's data: positions, watched marks, favourites."""

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState

from .accounts import MediaBrowserUser, Token
from .rows import FOLDERS, RowOptions
from .server import MediaBrowserServer
from .thresholds import marked_unwatched
from .values import Refusal, Refused, date_argument, milliseconds, parse_date


class UserDataRoutes:
    """Stores what clients write. Paths are templates with `{user}`, or take the user from the query."""

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes that both servers have."""
        self.server = server
        self.add("POST", "/Users/{user}/Items/{item}/UserData", self.write)
        self.add("POST", "/Users/{user}/PlayedItems/{item}", self.mark_watched)
        self.add("DELETE", "/Users/{user}/PlayedItems/{item}", self.mark_unwatched)
        self.add("POST", "/Users/{user}/FavoriteItems/{item}", self.favorite)
        self.add("DELETE", "/Users/{user}/FavoriteItems/{item}", self.favorite)

    def add(self, method: str, template: str, handler: Callable[[Call, Token], web.Response]) -> None:
        """Add a route that asks for a token."""
        self.server.routes.add(method, template, self.server.guarded(handler))

    def write(self, call: Call, token: Token) -> web.Response:
        """Store the fields of a user data body."""
        user, entry = self.target(call, token)
        changes = self.changes(call)
        state = self.server.write(call, user, entry, lambda state: replace(state, **changes), Cause.WRITE)  # type: ignore[arg-type]
        return self.answer(user, entry, state)

    def mark_watched(self, call: Call, token: Token) -> web.Response:
        """Mark as watched."""
        date_played = date_argument("datePlayed", call.argument("DatePlayed"))
        return self._mark(call, token, lambda state: self.server.marked(state, date_played))

    def mark_unwatched(self, call: Call, token: Token) -> web.Response:
        """Mark as unwatched."""
        return self._mark(call, token, marked_unwatched)

    def favorite(self, call: Call, token: Token) -> web.Response:
        """Make a favourite, or end that."""
        favorite = call.request.method == "POST"
        user, entry = self.target(call, token)
        state = self.server.write(call, user, entry, lambda state: replace(state, favorite=favorite), Cause.MARK)
        return self.answer(user, entry, state)

    def target(self, call: Call, token: Token) -> tuple[MediaBrowserUser, Entry]:
        """Return whose data of what are to change; raises Refused."""
        user = self.server.required_user(token, call.path.get("user") or call.argument("UserId"))
        return user, self.server.visible(user, call.path["item"])

    def changes(self, call: Call) -> dict[str, object]:
        """Return the changes of a state that a body asks for; raises Refused."""
        return read_user_data(call)

    def answer(self, user: MediaBrowserUser, entry: Entry, state: WatchState) -> web.Response:
        """Answer with the data as they are now."""
        data = self.server.rows.user_data(user, entry, RowOptions(detail=True), state)
        return self.server.json(data)

    def _mark(self, call: Call, token: Token, change: Callable[[WatchState], WatchState]) -> web.Response:
        """Change the state of an item, or of all episodes of a show or season."""
        user, target = self.target(call, token)
        for entry in self.server.rows.episodes(target):
            state = self.server.write(call, user, entry, change, Cause.MARK)
        if target.kind in FOLDERS:
            state = self.server.state_of(user, target)
        return self.answer(user, target, state)


def read_user_data(call: Call) -> dict[str, object]:
    """Read a user data body: field names in any case, numbers also as strings; null is as good as left out."""
    try:
        body = call.json()
    except ValueError:
        raise Refused(Refusal.MALFORMED_BODY, "$", "") from None
    if not isinstance(body, dict):
        raise Refused(Refusal.MALFORMED_BODY, "$", "")
    given = {str(name).casefold(): value for name, value in body.items() if value is not None}
    changes: dict[str, object] = {}
    for name, (attribute, read) in _READERS.items():
        if name in given:
            try:
                changes[attribute] = read(given[name])
            except ValueError:
                raise Refused(Refusal.MALFORMED_BODY, f"$.{name}", str(given[name])) from None
    return changes


def _position(value: object) -> int:
    """Read ticks."""
    return milliseconds(_whole(value))


def _whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return int(value)
    raise ValueError(value)


def _truth(value: object) -> bool:
    """Read a truth value."""
    if isinstance(value, bool):
        return value
    raise ValueError(value)


def _number(value: object) -> float:
    """Read a number."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return float(value)
    raise ValueError(value)


def _date(value: object) -> float:
    """Read a date."""
    return parse_date(str(value))


_READERS: dict[str, tuple[str, Callable[[object], object]]] = {
    "playbackpositionticks": ("position_ms", _position),
    "playcount": ("play_count", _whole),
    "isfavorite": ("favorite", _truth),
    "lastplayeddate": ("last_played", _date),
    "played": ("watched", _truth),
    "rating": ("rating", _number),
}
