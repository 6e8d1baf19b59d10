"""What only Emby does on its WebSocket."""

from typing import override

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.routes import Call

from .accounts import MediaBrowserUser, Token
from .push import MediaBrowserPush
from .rows import Json


class EmbyPush(MediaBrowserPush):
    """Takes everybody in, also with a token that is no good, and then tells them nothing.

    The token has to be in the query: nobody has seen a header work there.
    """

    @override
    async def _open(self, call: Call) -> web.StreamResponse:
        if call.request.path.casefold().endswith("/emby/embywebsocket"):
            return self.server.unknown_path(call)
        return await super()._open(call)

    @override
    def admit(self, call: Call) -> tuple[Token | None, web.Response | None]:
        return self.server.accounts.tokens.get(call.argument("api_key")), None

    @override
    def user_data(self, user: MediaBrowserUser, entry: Entry) -> Json:
        data = super().user_data(user, entry)
        data.pop("Key", None)
        return data
