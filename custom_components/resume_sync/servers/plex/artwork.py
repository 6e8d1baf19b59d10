"""Posters on Plex: a film's own picture, and that of an episode's show, made as small as they are shown.

They are asked for beside the one request at a time that a sync has: fifty posters would keep it waiting.
"""

import re
from typing import Final

import aiohttp

from ...sync.media_server import BadResponse, NotFound
from ..http import JsonConnection
from ..pictures import ACCEPT_PICTURES, LIMITS_OF_PICTURES, Picture, picture_of
from .http_session import plex_headers
from .rows import is_rating_key

_THUMB: Final = re.compile(r"/library/metadata/\d+/thumb/\d+", re.ASCII)
_HEIGHT_OF_WIDTH: Final = 1.5


class PlexArtwork:
    """Posters of a Plex Media Server, with the right of one account; implements `Artwork`."""

    def __init__(self, session: aiohttp.ClientSession, *, url: str, token: str, device_id: str) -> None:
        """Ask nothing yet; the session belongs to the caller."""
        headers = plex_headers(device_id, token)
        self._rows = JsonConnection(session, url, {**headers, "Accept": "application/json"})
        self._pictures = JsonConnection(session, url, {**headers, "Accept": ACCEPT_PICTURES})

    async def poster(self, item_id: str, width: int) -> Picture:
        """Return a poster: one request that tells where it is, and one for it."""
        if not is_rating_key(item_id):
            raise NotFound("This server has no such item")
        query: dict[str, str | int] = {
            "url": await self._thumb(item_id),
            "width": width,
            "height": round(_HEIGHT_OF_WIDTH * width),
            "minSize": 1,
            "upscale": 0,
        }
        answer = await self._pictures.get_as("/photo/:/transcode", query, LIMITS_OF_PICTURES, picture_of)
        return answer.body

    async def _thumb(self, item_id: str) -> str:
        """Return the path of the poster on the server; raises NotFound where there is none."""
        body = (await self._rows.get(f"/library/metadata/{item_id}")).body
        container = body.get("MediaContainer") if isinstance(body, dict) else None
        rows = container.get("Metadata") if isinstance(container, dict) else None
        row = rows[0] if isinstance(rows, list) and rows else None
        if not isinstance(row, dict):
            raise BadResponse("The answer tells of no item")
        thumb = row.get("grandparentThumb") or row.get("thumb")
        if not isinstance(thumb, str) or _THUMB.fullmatch(thumb) is None:
            raise NotFound("The item has no poster")
        return thumb
