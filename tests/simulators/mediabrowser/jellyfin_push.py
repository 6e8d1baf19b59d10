"""What only Jellyfin does on its WebSocket."""

from collections.abc import Collection, Iterable
from typing import override

from aiohttp import web

from tests.simulators.holdings import Entry, EntryKind, Library
from tests.simulators.routes import Call

from .accounts import MediaBrowserUser, Token
from .push import MediaBrowserPush
from .rows import Json
from .server import MediaBrowserServer
from .sessions import SessionRoutes
from .values import dashed, hex_id


class JellyfinPush(MediaBrowserPush):
    """Refuses bad tokens with 403, and shows everybody their own sessions from version 10.11 on.

    Up to 10.10 lists of sessions are for users who are administrators, and not for API keys.
    """

    own_sessions = True
    reports_at_once = True

    def __init__(self, server: MediaBrowserServer, sessions: SessionRoutes, paths: Iterable[str]) -> None:
        """Follow what happens on a Jellyfin."""
        super().__init__(server, sessions, paths)
        self._of_library: dict[str, tuple[int, frozenset[str]]] = {}

    @override
    def admit(self, call: Call) -> tuple[Token | None, web.Response | None]:
        token, refusal = super().admit(call)
        return token, refusal and web.Response(status=403, text="Error processing request.")

    @override
    def library_folders(self, user: MediaBrowserUser, entries: Iterable[Entry]) -> list[Json]:
        libraries = {entry.library.library_id: entry.library for entry in entries if entry.kind is EntryKind.FILM}
        rows: list[Json] = []
        known = self.server.states.known(user.user_id)
        for library_id, library in libraries.items():
            films = self._films(library)
            touched = {film.item_id: film for key in known for film in self.server.entries_of_state(key)}
            watched = [
                film for key, film in touched.items() if key in films and self.server.in_list(user, film).watched
            ]
            unwatched = len(films) - len(watched)
            folder = hex_id("folder", library_id)
            row: Json = {"UnplayedItemCount": unwatched, "PlaybackPositionTicks": 0, "PlayCount": 0}
            rows.append(row | {"IsFavorite": False, "Played": unwatched == 0, "Key": dashed(folder), "ItemId": folder})
        return rows

    def _films(self, library: Library) -> Collection[str]:
        """Return the ids of the films of a library, looked for again only after something came or went."""
        revision, films = self._of_library.get(library.library_id, (-1, frozenset()))
        if revision != self.server.holdings.revision:
            found = self.server.holdings.of_kinds((EntryKind.FILM,))
            films = frozenset(film.item_id for film in found if film.library is library)
            self._of_library[library.library_id] = (self.server.holdings.revision, films)
        return films

    @override
    def sees_sessions(self, token: Token) -> bool:
        return self.own_sessions or (token.user is not None and token.user.admin)
