"""The "Continue watching" hub of a Plex Media Server: a capped choice, not a list of all that is in progress."""

from collections.abc import Iterable

from aiohttp import web

from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.routes import Call
from tests.simulators.state import Cause, WatchState

from .accounts import PlexUser
from .listings import IDENTIFIER, LibraryRoutes, requested, signed_in
from .markup import Element, Value, bad_request, container, not_found
from .playback import PlexPlayback, hidden
from .rows import item_row

_DEFAULT_COUNT = 20
_WEEK_SECONDS = 7 * 24 * 3600


class HubRoutes:
    """Reads of the hub, and the request that takes an item off it."""

    def __init__(self, server: PlexPlayback, library: LibraryRoutes) -> None:
        """Register the routes."""
        self._server = server
        self._library = library
        server.routes.add("GET", "/hubs/continueWatching", signed_in(server, self._hub))
        server.routes.add("GET", "/hubs/continueWatching/items", signed_in(server, self._items))
        server.routes.add("PUT", "/actions/removeFromContinueWatching", signed_in(server, self._remove))

    def shown(self, user: PlexUser) -> list[Entry]:
        """Return what the hub shows if it is asked for everything: one item per film or show, the latest first."""
        oldest = self._server.now() - self._server.on_deck_weeks * _WEEK_SECONDS
        found: dict[str, Entry] = {}
        for _, entry, state in sorted(self._touched(user), key=lambda each: -each[0]):
            if (state.last_played or 0) < oldest:
                continue
            title = entry.show_id or entry.item_id
            shown = entry if state.position_ms else self._next_up(user, entry)
            if title in found or shown is None or self._server.state_of(user, shown).hidden:
                continue
            found[title] = shown
        return list(found.values())

    def _rows(self, call: Call, user: PlexUser) -> list[Entry]:
        """Return what the hub shows, no more than `count`."""
        return self.shown(user)[: call.number("count", _DEFAULT_COUNT)]

    def _touched(self, user: PlexUser) -> Iterable[tuple[float, Entry, WatchState]]:
        """Yield everything that this user has played, with its date."""
        for key in self._server.states.known(user.user_id):
            for entry in self._server.entries_of_state(key):
                state = self._server.state_of(user, entry)
                if state.last_played is not None and self._server.can_see(user, entry):
                    yield state.last_played, entry, state

    def _next_up(self, user: PlexUser, entry: Entry) -> Entry | None:
        """Return the episode after a watched one, unless it has been watched too."""
        if entry.kind is not EntryKind.EPISODE or entry.show_id is None:
            return None
        episodes = self._server.leaves(self._server.holdings[entry.show_id])
        episodes.sort(key=lambda row: (row.season or 0, row.number or 0))
        after = episodes[episodes.index(entry) + 1 :]
        return after[0] if after and self._server.state_of(user, after[0]).play_count == 0 else None

    async def _hub(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the hub and its items in it."""
        rows = [item_row(self._server, user, entry, requested(call)) for entry in self._rows(call, user)]
        hub: dict[str, Value] = {
            "hubKey": "/library/metadata/" + ",".join(str(row.attributes["ratingKey"]) for row in rows),
            "key": "/hubs/continueWatching/items",
            "title": "Continue Watching",
            "type": "mixed",
            "hubIdentifier": "continueWatching",
            "context": "hub.continueWatching",
            "size": len(rows),
            "more": False,
            "style": "hero",
        }
        return container(
            call, {"allowSync": False, "identifier": IDENTIFIER, "librarySectionID": None}, [Element("Hub", hub, rows)]
        )

    async def _items(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the items alone."""
        attributes: dict[str, Value] = {"allowSync": False, "identifier": IDENTIFIER}
        return self._library.page(call, user, self._rows(call, user), attributes)

    async def _remove(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Hide an item from the hub; its position stays."""
        item_id = call.argument("ratingKey")
        if not item_id:
            return bad_request()
        entry = self._server.item(item_id, user)
        if entry is None:
            return not_found()
        self._server.write(call, user, entry, hidden, Cause.MARK)
        return container(call, {})
