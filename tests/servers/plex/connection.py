"""A transport to a Plex Media Server at an address of the test's choice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.resume_sync.servers.plex.transport import PlexTransport

NOW = 1_795_218_143_000
ROWS = '<MediaContainer size="1" totalSize="1"><Video ratingKey="1" type="movie" viewOffset="9" /></MediaContainer>'


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[PlexTransport]:
    """Yield a transport."""
    defaults: dict[str, Any] = {"token": "secret-token", "device_id": "our-device", "timeout": 60, "confirm_seconds": 0}
    transport = PlexTransport(url=url, now=lambda: NOW, **(defaults | options))
    try:
        yield transport
    finally:
        await transport.close()
