"""The WebSocket of a user."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.contract.fact import Differs

from .person import Person

_SECONDS = 45.0


class Socket:
    """An open socket. `heard` are the types of all messages so far."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        """Have heard nothing."""
        self._websocket = websocket
        self.heard: list[str] = []

    async def say(self, kind: str, data: object = None) -> None:
        """Send a message."""
        await self._websocket.send_json({"MessageType": kind} | ({} if data is None else {"Data": data}))

    async def anything(self) -> Any:
        """Return the next message; raises Differs where none comes."""
        try:
            message = await self._websocket.receive_json(timeout=_SECONDS)
        except (TimeoutError, TypeError) as error:
            raise Differs(f"nothing more was pushed after {self.heard}: {error}") from None
        self.heard.append(message["MessageType"])
        return message

    async def next(self, kind: str) -> Any:
        """Return the next message of a kind; raises Differs."""
        while (message := await self.anything())["MessageType"] != kind:
            pass
        return message


@asynccontextmanager
async def socket(person: Person, *, token: str = "") -> AsyncIterator[Socket]:
    """Open a user's socket as the clients do: on Jellyfin with headers, on Emby with the token in the query."""
    base = person.client.url
    path = person.paths.socket
    if not person.paths.user_query and base.casefold().endswith("/emby"):
        path = "/socket"
    headers = {key: value.replace(person.token, token or person.token) for key, value in person.client.headers.items()}
    query = {} if person.paths.user_query else {"api_key": token or person.token, "deviceId": person.device_id}
    async with person.client.http.ws_connect(base + path, headers=headers, params=query) as websocket:
        yield Socket(websocket)
