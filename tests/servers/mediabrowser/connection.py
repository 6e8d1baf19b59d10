"""A connection to a web server that answers as a test says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.http import JsonConnection
from custom_components.resume_sync.servers.limits import ORDINARY, Limits
from custom_components.resume_sync.sync.media_server import MediaServerError

from .answers import Handler, answering

NOW = 1_790_000_000_000
TOKEN = "secret-token"


@asynccontextmanager
async def connected(handler: Handler, *, timeout_seconds: float = 60) -> AsyncIterator[JsonConnection]:
    """Yield a connection to such a server."""
    async with answering(handler) as url, aiohttp.ClientSession() as session:
        yield JsonConnection(
            session,
            f" {url}/base/ ",
            {"Authorization": f'MediaBrowser Token="{TOKEN}"'},
            now=lambda: NOW,
            timeout_seconds=timeout_seconds,
        )


def always(response: Callable[[], web.StreamResponse]) -> Handler:
    """Return a handler that answers every request alike."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return response()

    return handler


async def failure_of(handler: Handler, *, timeout_seconds: float = 60, limits: Limits = ORDINARY) -> MediaServerError:
    """Return what a GET raises."""
    async with connected(handler, timeout_seconds=timeout_seconds) as connection:
        with pytest.raises(MediaServerError) as caught:
            await connection.get("/Items", {"userId": "me"}, limits)
    assert TOKEN not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value
