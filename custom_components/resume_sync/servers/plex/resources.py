"""Servers as plex.tv lists them, and which of their addresses answers."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
import re
from typing import Final

import aiohttp

from ...sync.media_server import CannotConnect, MediaServerError
from ..http import answered, json_of
from ..limits import Limits
from ..plain_text import MOST_TOKEN, is_identifier, plain_text

_PROBE: Final = Limits(seconds=6.0, size=64 * 1024)
_MOST_CONNECTIONS: Final = 32
_ADDRESS: Final = re.compile(r"https?://[!-~]{1,500}")
_HOST: Final = re.compile(r"[0-9A-Za-z.:-]{1,253}")


@dataclass(frozen=True, slots=True)
class PlexConnection:
    """An address of a server; `address` and `port` are those behind `uri`, which may be a plex.direct name."""

    uri: str
    local: bool
    relay: bool
    address: str = ""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class PlexResource:
    """A server that an account may use, with the token that is good for this account on this server."""

    server_id: str
    name: str
    owned: bool
    access_token: str = field(repr=False)
    connections: tuple[PlexConnection, ...]


def read_resource(row: Mapping[str, object]) -> PlexResource | None:
    """Read one resource of `/api/v2/resources`; None for players and for servers that cannot be used."""
    server_id, token, provides, name = (row.get(key) for key in ("clientIdentifier", "accessToken", "provides", "name"))
    if not isinstance(provides, str) or "server" not in provides.split(","):
        return None
    if not is_identifier(server_id) or not is_identifier(token, MOST_TOKEN):
        return None
    connections = row.get("connections")
    return PlexResource(
        server_id=server_id,
        name=(plain_text(name) if isinstance(name, str) else "") or "Plex Media Server",
        owned=row.get("owned") is True,
        access_token=token,
        connections=tuple(_connections(connections if isinstance(connections, list) else [])),
    )


def _connections(rows: Iterable[object]) -> Iterable[PlexConnection]:
    """Yield the connections that have an address, no more than a server can sensibly have."""
    for row in islice((row for row in rows if isinstance(row, dict)), _MOST_CONNECTIONS):
        uri, address, port = row.get("uri"), row.get("address"), row.get("port")
        if isinstance(uri, str) and _ADDRESS.fullmatch(uri):
            yield PlexConnection(
                uri=uri,
                local=row.get("local") is True,
                relay=row.get("relay") is True,
                address=address if isinstance(address, str) and _HOST.fullmatch(address) else "",
                port=port if isinstance(port, int) and 0 < port < 65_536 else None,
            )


async def reachable_url(
    session: aiohttp.ClientSession,
    resource: PlexResource,
    verify_ssl: bool = True,  # noqa: FBT001, FBT002  # reads well where it is called
) -> str:
    """Return the best address at which the server itself answers: local, then remote, then through Plex's relay.

    All are tried at the same time, each for six seconds, without a token. Some resolvers refuse plex.direct names that
    point into the local network, so the plain local address is tried as well. `verify_ssl` False: any certificate will
    do. Raises CannotConnect when none answers.
    """
    urls = candidate_urls(resource.connections)
    probes = [asyncio.create_task(_answers(session, url, resource.server_id, verify_ssl=verify_ssl)) for url in urls]
    try:
        for url, probe in zip(urls, probes, strict=True):
            if await probe:
                return url
    finally:
        for probe in probes:
            probe.cancel()
        await asyncio.gather(*probes, return_exceptions=True)
    raise CannotConnect("None of the server's addresses answers")


def candidate_urls(connections: Iterable[PlexConnection]) -> list[str]:
    """Return the addresses to try, the best first and each once."""
    ranked: list[tuple[int, str]] = []
    for connection in connections:
        rank = 3 if connection.relay else 0 if connection.local else 2
        ranked.append((rank, connection.uri.rstrip("/")))
        if connection.local and connection.address and connection.port is not None:
            host = f"[{connection.address}]" if ":" in connection.address else connection.address
            ranked.append((1, f"http://{host}:{connection.port}"))
    return list(dict.fromkeys(url for _, url in sorted(ranked, key=lambda pair: pair[0])))


async def _answers(session: aiohttp.ClientSession, url: str, server_id: str, *, verify_ssl: bool) -> bool:
    """Tell whether this server answers at an address."""
    return await identity_at(session, url, verify_ssl=verify_ssl) == server_id


async def identity_at(session: aiohttp.ClientSession, url: str, *, verify_ssl: bool) -> str | None:
    """Return the machine identifier of the Plex Media Server at an address, None without one; no token is sent.

    `verify_ssl` False: any certificate will do.
    """
    try:
        async with answered(
            session, "GET", f"{url}/identity", _PROBE, headers={"Accept": "application/json"}, ssl=verify_ssl
        ) as response:
            body, _ = await json_of(response, _PROBE)
    except aiohttp.ClientError, OSError, ValueError, MediaServerError:
        return None
    container = body.get("MediaContainer") if isinstance(body, dict) else None
    server_id = container.get("machineIdentifier") if isinstance(container, dict) else None
    return server_id if response.status == 200 and isinstance(server_id, str) and server_id else None
