"""Signing in to Jellyfin: password, API key, or Quick Connect (a code that is approved in another app)."""

from dataclasses import dataclass, field
from typing import ClassVar, override

from ...sync.media_server import BadResponse, InvalidAuth, NotSupported
from ..http import JsonConnection, UnexpectedStatusError
from ..plain_text import MOST_TOKEN, is_identifier
from ..sign_in import ServerUser, SignedIn
from .dialect import JELLYFIN, Dialect
from .rows import Row, json_object
from .sign_in import MediaBrowserSignIn, is_administrator, server_user, signed_in


@dataclass(frozen=True, slots=True)
class QuickConnect:
    """A code for the user to approve within ten minutes, and the secret by which its state is asked for."""

    code: str
    secret: str = field(repr=False)


class JellyfinSignIn(MediaBrowserSignIn):
    """A sign-in to one Jellyfin server: by password, with an API key, or by Quick Connect."""

    dialect: ClassVar[Dialect] = JELLYFIN

    @override
    async def users(self, api_key: str) -> list[ServerUser]:
        """Return the users that a key may act for: all for an API key or an administrator's token, else its own user.

        The list of users alone proves nothing: any user's token may read it. Raises InvalidAuth for a dead key.
        """
        own = await token_user(self._connect(api_key))
        if own is None or is_administrator(own):
            return await super().users(api_key)
        return [server_user(own)]

    async def quick_connect_enabled(self) -> bool:
        """Tell whether the server offers Quick Connect; raises BadResponse where the answer is not a truth value."""
        answer = await self._connection.get("/QuickConnect/Enabled")
        if not isinstance(answer.body, bool):
            raise BadResponse("The server does not tell whether it offers Quick Connect")
        return answer.body

    async def start_quick_connect(self) -> QuickConnect:
        """Ask for a code; raises NotSupported where Quick Connect is switched off."""
        try:
            answer = await self._connection.post_for_json("/QuickConnect/Initiate", None)
        except InvalidAuth:
            raise NotSupported("Quick Connect is switched off") from None
        started = json_object(answer.body)
        code, secret = started.get("Code"), started.get("Secret")
        if not is_identifier(code) or not is_identifier(secret, MOST_TOKEN):
            raise BadResponse("Quick Connect brought no code")
        return QuickConnect(code, secret)

    async def finish_quick_connect(self, secret: str) -> SignedIn | None:
        """Sign in once the code was approved; None before that. Raises NotFound when the code has expired."""
        answer = await self._connection.get("/QuickConnect/Connect", {"secret": secret})
        if json_object(answer.body).get("Authenticated") is not True:
            return None
        answer = await self._connection.post_for_json("/Users/AuthenticateWithQuickConnect", {"Secret": secret})
        return signed_in(answer.body)


async def token_user(connection: JsonConnection) -> Row | None:
    """Return the user that a connection's token belongs to, None where it is an API key's.

    `/Users/Me` answers 400 to an API key.
    """
    try:
        answer = await connection.get("/Users/Me")
    except UnexpectedStatusError as err:
        if err.status == 400:
            return None
        raise
    return json_object(answer.body)
