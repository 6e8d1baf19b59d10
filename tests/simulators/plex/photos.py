"""Pictures: made as small as asked for by the server's transcoder (plexapi `transcodeImage`)."""

import re

from aiohttp import web

from tests.simulators.routes import Call

from .accounts import PlexUser
from .household import PlexHousehold
from .listings import signed_in
from .markup import not_found

_THUMB = re.compile(r"/library/metadata/(\d+)/thumb/\d+")


class PhotoRoutes:
    """Answers `/photo/:/transcode` for the posters of items."""

    def __init__(self, server: PlexHousehold) -> None:
        """Register the route."""
        self._server = server
        server.routes.add("GET", "/photo/:/transcode", signed_in(server, self._transcode))

    async def _transcode(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Send a poster, no wider than asked for."""
        named = _THUMB.fullmatch(call.argument("url"))
        entry = None if named is None else self._server.holdings.get(named[1])
        picture = self._server.pictures.of(entry, call.number("width", 600))
        if picture is None:
            return not_found()
        return web.Response(body=picture, content_type="image/png")
