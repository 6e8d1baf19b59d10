"""What only Jellyfin does on its WebSocket."""

from typing import override

from aiohttp import web

from tests.simulators.routes import Call

from .accounts import Token
from .push import MediaBrowserPush


class JellyfinPush(MediaBrowserPush):
    """Refuses bad tokens with 403, and shows everybody their own sessions from version 10.11 on.

    Up to 10.10 lists of sessions are for users who are administrators, and not for API keys.
    """

    own_sessions = True

    @override
    def admit(self, call: Call) -> tuple[Token | None, web.Response | None]:
        token, refusal = super().admit(call)
        return token, refusal and web.Response(status=403, text="Error processing request.")

    @override
    def sees_sessions(self, token: Token) -> bool:
        return self.own_sessions or (token.user is not None and token.user.admin)
