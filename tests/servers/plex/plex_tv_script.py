"""A scripted plex.tv, what it answers, and servers that it tells of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from custom_components.resume_sync.servers.plex.plex_tv import PlexTv
from custom_components.resume_sync.servers.plex.resources import PlexConnection, PlexResource
from tests.servers.plex.script import Answer, Script, scripted

NOW = 1_795_218_643_000
PINS = "/api/v2/pins"
USERS = "/api/v2/home/users"
RESOURCES = "/api/v2/resources"
SERVER_ID = "fbec5750064b53d5c6b4dbdc3f0d279779903ab2"


@asynccontextmanager
async def plex_tv(answers: Mapping[str, Answer]) -> AsyncIterator[tuple[PlexTv, Script]]:
    """Yield a client of a scripted plex.tv."""
    async with scripted(answers) as script, aiohttp.ClientSession() as session:
        yield PlexTv(session, client_id="our-device", base_url=script.url, now=lambda: NOW), script


def says(value: object, status: int = 200) -> Answer:
    """Return a handler that answers with JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(value, status=status)

    return answer


def resource(*connections: PlexConnection, server_id: str = SERVER_ID) -> PlexResource:
    """Return a server with these addresses."""
    return PlexResource(server_id, "Attic", True, "token", connections)
