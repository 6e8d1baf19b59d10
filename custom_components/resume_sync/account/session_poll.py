"""What takes the place of push where a server refuses it: a look at the account's own sessions now and then."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from ..sync.media_server import BadResponse, MediaServer, NotAllowed, PushEvent, PushKind
from ..sync.model import Activity

IDLE_SECONDS = 60.0
PLAYING_SECONDS = 10.0


async def session_events(server: MediaServer, now: Callable[[], int]) -> AsyncGenerator[PushEvent]:
    """Yield what changes between two looks, as push would; raises what the server answers.

    Raises NotAllowed where the account cannot read its sessions either, and BadResponse where it could until now.
    """
    first = await server.active_items()
    if first is None:
        raise NotAllowed("The account cannot read its sessions")
    active = dict(first)
    yield PushEvent(PushKind.CONNECTED, now())
    while True:
        await asyncio.sleep(PLAYING_SECONDS if Activity.PLAYING in active.values() else IDLE_SECONDS)
        before, active = active, await _look(server)
        for item_id in before.keys() | active.keys():
            kind = _change(before.get(item_id), active.get(item_id))
            if kind is not None:
                yield PushEvent(kind, now(), item_id)


async def _look(server: MediaServer) -> dict[str, Activity]:
    """Return what this account plays or has paused now; raises BadResponse where that cannot be read any more."""
    active = await server.active_items()
    if active is None:
        raise BadResponse("The sessions could be read until now")
    return dict(active)


def _change(before: Activity | None, after: Activity | None) -> PushKind | None:
    """Return what happened between two looks."""
    if before is after:
        return None
    if after is None:
        return PushKind.STOPPED
    return PushKind.PAUSED if after is Activity.PAUSED else PushKind.PLAYED
