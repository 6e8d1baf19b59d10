"""Posters on Jellyfin and Emby: a film's own picture, and that of an episode's show."""

from typing import Final

import aiohttp

from ...sync.media_server import BadResponse, NotFound
from ..http import JsonConnection
from ..pictures import ACCEPT_PICTURES, LIMITS_OF_PICTURES, Picture, picture_of
from .dialect import Dialect
from .rows import json_object, page_rows

MOST_SHOWS_KNOWN: Final = 5000
_QUALITY: Final = 90


class MediaBrowserArtwork:
    """Posters of a Jellyfin or Emby, with the right of one account; implements `Artwork`."""

    def __init__(
        self, session: aiohttp.ClientSession, dialect: Dialect, *, url: str, token: str, user_id: str, device_id: str
    ) -> None:
        """Ask nothing yet; the session belongs to the caller."""
        headers = dialect.headers(device_id, token)
        self._dialect = dialect
        self._user_id = user_id
        self._rows = JsonConnection(session, url, headers)
        self._pictures = JsonConnection(session, url, {**headers, "Accept": ACCEPT_PICTURES})
        self._owners: dict[str, str] = {}

    async def poster(self, item_id: str, width: int) -> Picture:
        """Return a poster: one request, and one before the first for an item, which tells its show."""
        if self._dialect.item_id.fullmatch(item_id) is None:
            raise NotFound("This server has no such item")
        if (owner := self._owners.get(item_id)) is None:
            owner = await self._owner(item_id)
            if len(self._owners) >= MOST_SHOWS_KNOWN:
                self._owners.clear()
            self._owners[item_id] = owner
        query: dict[str, str | int] = {"maxWidth": width, "quality": _QUALITY, "format": "Jpg"}
        answer = await self._pictures.get_as(f"/Items/{owner}/Images/Primary", query, LIMITS_OF_PICTURES, picture_of)
        return answer.body

    async def _owner(self, item_id: str) -> str:
        """Return the item that has the poster: an episode's show, or else the item itself."""
        path, user = self._dialect.items_of(self._user_id)
        rows, _ = page_rows((await self._rows.get(path, {**user, "Ids": item_id})).body)
        found = [row for row in map(json_object, rows) if row.get("Id") == item_id]
        if not found:
            raise NotFound("The server does not have this, or not for this user")
        show = found[0].get("SeriesId")
        if show is None:
            return item_id
        if not isinstance(show, str) or self._dialect.item_id.fullmatch(show) is None:
            raise BadResponse("A row tells its show by something that is no id")
        return show
