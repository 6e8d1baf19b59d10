"""The routes that read items: listings, single items, episodes, libraries."""

from collections.abc import Iterable
from dataclasses import replace

from aiohttp import web

from tests.simulators.holdings import Entry, EntryKind, Library
from tests.simulators.routes import Call
from tests.simulators.state import WatchState

from .accounts import MediaBrowserUser, Token
from .listing import ListQuery, is_below, matches, order, read_query, watch_matches
from .rows import FOLDERS, RowOptions
from .server import MediaBrowserServer, MissingParent
from .values import Refusal, Refused

_UNTOUCHED = WatchState()


class ItemRoutes:
    """Answers questions about the library. Subclasses say how ids are read and what else may be asked."""

    def __init__(self, server: MediaBrowserServer) -> None:
        """Add the routes that both servers have."""
        self.server = server
        add = server.routes.add
        guarded = server.guarded
        add("GET", "/Items", guarded(self.items))
        add("GET", "/Items/Counts", guarded(self.counts))
        add("GET", "/Users/{user}/Items", guarded(self.items))
        add("GET", "/Users/{user}/Items/Resume", guarded(self.resume))
        add("GET", "/Users/{user}/Items/{item}", guarded(self.item))
        add("GET", "/Users/{user}/Views", guarded(self.views))
        add("GET", "/Items/{item}/Ancestors", guarded(self.ancestors))
        add("GET", "/Items/{item}/Images/Primary", server.open(self.poster))
        add("GET", "/Shows/{item}/Episodes", guarded(self.episodes))
        add("GET", "/Shows/{item}/Seasons", guarded(self.seasons))
        add("GET", "/Library/MediaFolders", guarded(self.folders, admin=True))

    def items(self, call: Call, token: Token) -> web.Response:
        """List items."""
        user = self._user(call, token)
        query = self._query(call)
        if not query.recursive and not query.parent_id and query.ids is None:
            return self.views(call, token)
        self._expect_parent(query, user)
        if query.filters and user is None:
            raise Refused(Refusal.BROKEN)
        candidates = self._candidates(query, user, resume_route=False)
        found = [entry for entry in candidates if self._asked_for(query, entry, user) and entry.primary_id is None]
        found = found if user is None else self.server.one_of_each(found)
        return self._page(call, query, self._narrow(call, found), user)

    def poster(self, call: Call) -> web.Response:
        """Send an item's picture to anybody, no wider than asked for (v10.11.11 ImageController.cs: no [Authorize])."""
        entry = self.server.holdings.get(self.server.parse_item_id(call.path["item"]))
        picture = self.server.pictures.of(entry, call.number("maxWidth", 600))
        if picture is None:
            raise Refused(Refusal.UNKNOWN_ITEM)
        return web.Response(body=picture, content_type="image/png")

    def resume(self, call: Call, token: Token) -> web.Response:
        """List what is in progress, last played first."""
        user = self.server.required_user(token, call.path.get("user") or call.argument("UserId"))
        query = replace(self._query(call), recursive=True)
        candidates = self._candidates(query, user, resume_route=True)
        found = [
            entry
            for entry in candidates
            if self._asked_for(query, entry, user, resume_route=True)
            and (query.parent_id or entry.library.library_id not in user.latest_excludes)
        ]
        if call.flag("ExcludeActiveSessions"):
            playing = {session.item_id for session in self.server.timeline.sessions if session.user_id == user.user_id}
            found = [entry for entry in found if entry.item_id not in playing]
        found.sort(key=lambda entry: self.server.in_list(user, entry).last_played or 0, reverse=True)
        return self._page(call, query, found, user, ordered=True)

    def item(self, call: Call, token: Token) -> web.Response:
        """Return one item with everything."""
        user = self._user(call, token)
        entry = self.server.visible(user, call.path["item"])
        return self.server.json(self.server.rows.item(entry, user, RowOptions(detail=True)))

    def ancestors(self, call: Call, token: Token) -> web.Response:
        """List the folders above an item, the nearest first; the last one is that of all libraries."""
        user = self._user(call, token)
        entry = self.server.visible(user, call.path["item"])
        above = [self.server.holdings[item_id] for item_id in (entry.season_id, entry.show_id) if item_id]
        rows = [self.server.rows.item(each, user, RowOptions()) for each in above if each is not entry]
        return self.server.json([*rows, self.server.rows.library(entry.library), self.server.rows.root()])

    def views(self, call: Call, token: Token) -> web.Response:
        """List the libraries that a user sees."""
        user = self._user(call, token)
        libraries = [library for library in self.server.libraries.values() if user is None or user.may_see(library)]
        rows = [self.server.rows.library(library) for library in libraries]
        return self.server.page(call, rows, len(rows), 0)

    def folders(self, call: Call, token: Token) -> web.Response:
        """List all libraries."""
        rows = [self.server.rows.library(library) for library in self.server.libraries.values()]
        return self.server.page(call, rows, len(rows), 0)

    def episodes(self, call: Call, token: Token) -> web.Response:
        """List the episodes of a show, or of one of its seasons."""
        user = self._user(call, token)
        show = self._show(call)
        season, season_id = call.argument("Season"), call.argument("SeasonId")
        found = [
            entry
            for entry in self.server.episodes_of(user, show)
            if (not season or str(entry.season) == season)
            and (not season_id or entry.season_id == self.server.parse_item_id(season_id, "seasonId"))
        ]
        return self._page(call, self._query(call), found, user, ordered=True)

    def seasons(self, call: Call, token: Token) -> web.Response:
        """List the seasons of a show."""
        user = self._user(call, token)
        show = self._show(call)
        if user is not None and not self.server.can_see(user, show):
            raise Refused(Refusal.UNKNOWN_SERIES)
        found = [] if self.server.is_empty(show) else [self.server.holdings[child] for child in show.children]
        return self._page(call, self._query(call), found, user, ordered=True)

    def counts(self, call: Call, token: Token) -> web.Response:
        """Count the items by type."""
        user = self._user(call, token)
        entries = [
            entry.kind
            for entry in self.server.holdings
            if (user is None or self.server.can_see(user, entry)) and entry.primary_id is None
        ]
        counts = {
            "MovieCount": entries.count(EntryKind.FILM),
            "SeriesCount": entries.count(EntryKind.SHOW),
            "EpisodeCount": entries.count(EntryKind.EPISODE),
        }
        return self.server.json(counts)

    def read_ids(self, words: list[str]) -> tuple[str, ...] | None:
        """Read a list of ids; None: as if none had been given."""
        return tuple(words)

    def _narrow(self, call: Call, entries: list[Entry]) -> list[Entry]:
        """Apply the conditions that only one kind of server has."""
        return entries

    def _user(self, call: Call, token: Token) -> MediaBrowserUser | None:
        """Return the user that a request is about."""
        return self.server.acting_user(token, call.path.get("user") or call.argument("UserId"))

    def _query(self, call: Call) -> ListQuery:
        """Read a listing's arguments."""
        words = call.words("Ids")
        parent = call.argument("ParentId")
        return read_query(
            call,
            self.read_ids(words) if words else None,
            self._parent(self.server.parse_item_id(parent, "parentId")) if parent else "",
            recursive=call.flag("Recursive") or bool(words),
        )

    def _parent(self, item_id: str) -> str:
        """Return the id of an item or library that is asked for by its parent; empty: as if none had been."""
        known = self._library(item_id) is not None or self.server.holdings.get(item_id) is not None
        return "" if not known and self.server.missing_parent is MissingParent.EVERYTHING else item_id

    def _library(self, item_id: str) -> Library | None:
        """Return the library with an id."""
        return next((library for library in self.server.libraries.values() if library.library_id == item_id), None)

    def _expect_parent(self, query: ListQuery, user: MediaBrowserUser | None) -> None:
        """Raise Refused where the server refuses to list what is below an item that is not there for a user."""
        if not query.parent_id or self.server.missing_parent is not MissingParent.REFUSED:
            return
        library = self._library(query.parent_id)
        if library is None and self.server.holdings.get(query.parent_id) is None:
            raise Refused(Refusal.OUT_OF_RANGE)
        if library is not None and user is not None and not user.may_see(library):
            raise Refused(Refusal.LIBRARY, library.name, user.name)

    def _candidates(self, query: ListQuery, user: MediaBrowserUser | None, *, resume_route: bool) -> Iterable[Entry]:
        """Return the entries to choose from, as few as the query allows."""
        if query.ids is not None:
            asked = (self.server.holdings.get(item_id) for item_id in query.ids)
            return [entry for entry in asked if entry is not None]
        if user is not None and (query.resumable or resume_route):
            return self.server.resumable(user, query, resume_route=resume_route)
        return self.server.holdings.of_kinds(query.kinds or frozenset(EntryKind))

    def _asked_for(
        self, query: ListQuery, entry: Entry, user: MediaBrowserUser | None, *, resume_route: bool = False
    ) -> bool:
        """Tell whether an entry fits the query and may be seen."""
        if not matches(query, entry):
            return False
        if not (self.server.sees_in(user, entry, query, resume_route=resume_route) if user else entry.library.mounted):
            return False
        if query.parent_id and not self._is_below(entry, query):
            return False
        if not query.filters or user is None or (query.resumable and entry.kind in FOLDERS):
            return True
        if query.resumable and not self.server.counts_as_resumable(user, entry):
            return False
        return watch_matches(query, self.server.in_list(user, entry))

    def _is_below(self, entry: Entry, query: ListQuery) -> bool:
        """Tell whether an entry lies below the parent that is asked for, as far as the server knows."""
        show = self.server.holdings.get(entry.show_id or "")
        inside = show is not None and query.parent_id in (entry.show_id, entry.season_id)
        if inside and show is not None and self.server.is_empty(show):
            return False
        return is_below(entry, query.parent_id, recursive=query.recursive)

    def _show(self, call: Call) -> Entry:
        """Return the show that a path names; raises Refused."""
        entry = self.server.holdings.get(self.server.parse_item_id(call.path["item"]))
        if entry is None or entry.kind is not EntryKind.SHOW:
            raise Refused(Refusal.UNKNOWN_SERIES)
        return entry

    def _page(
        self, call: Call, query: ListQuery, found: list[Entry], user: MediaBrowserUser | None, *, ordered: bool = False
    ) -> web.Response:
        """Answer with one page of what was found."""
        if not ordered:
            found = order(found, query, lambda entry: self.server.in_list(user, entry) if user else _UNTOUCHED)
        end = None if query.limit is None else query.start + query.limit
        options = RowOptions(
            fields=frozenset(word.casefold() for word in call.words("Fields")),
            images=call.flag("EnableImages", default=True),
            user_data=call.flag("EnableUserData", default=True),
        )
        rows = [self.server.rows.item(entry, user, options) for entry in found[query.start : end]]
        return self.server.page(call, rows, len(found) if query.count_total else 0, query.start)
