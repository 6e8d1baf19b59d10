"""The libraries that a user of Jellyfin or Emby sees, which both call views."""

from collections.abc import Mapping
from typing import Final

from ...sync.media_server import BadResponse, NotFound
from ..http import JsonConnection, Query
from ..plain_text import plain_text
from ..sign_in import Library
from .dialect import Dialect
from .rows import page_rows, row_id
from .who_answers import WhoAnswers

# A library of mixed content tells no type, or one of the last two.
_FILMS_AND_SHOWS: Final = (None, "movies", "tvshows", "mixed", "unknown")
_LIBRARY_TYPES: Final = ("CollectionFolder", "UserView")


class UserViews:
    """Reads a user's libraries, including those that the user took off the home screen."""

    def __init__(self, connection: JsonConnection, dialect: Dialect, user_id: str, who: WhoAnswers) -> None:
        """Read nothing yet."""
        self._who = who
        self._connection = connection
        self._dialect = dialect
        self._user_id = user_id

    async def library_ids(self) -> frozenset[str]:
        """Return the ids of all libraries, music and collections included."""
        return frozenset(await self._rows())

    async def libraries(self) -> tuple[Library, ...]:
        """Return the libraries of films and shows, in the server's order."""
        return tuple(
            Library(key, (plain_text(name) if isinstance(name := row.get("Name"), str) else "") or key)
            for key, row in (await self._rows()).items()
            if row.get("Type") in _LIBRARY_TYPES and row.get("CollectionType") in _FILMS_AND_SHOWS
        )

    async def _rows(self) -> Mapping[str, Mapping[str, object]]:
        """Return the rows of all views by id; raises BadResponse where the list has the wrong shape."""
        path, user = self._dialect.views_of(self._user_id)
        query: Query = {**user, "IncludeHidden": "true"}
        try:
            answer = await self._connection.get(path, query)
        except NotFound:
            raise BadResponse("The server does not tell the libraries of this user") from None
        rows, _ = page_rows(answer.body)
        self._who.check(answer.body)
        return {
            key: row
            for row in rows
            if isinstance(row, dict) and (key := row_id(row, self._dialect.item_id)) is not None
        }
