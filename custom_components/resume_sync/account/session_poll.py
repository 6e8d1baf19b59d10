"""What takes the place of push where a server refuses it: a look at the account's own sessions now and then."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from ..sync.media_server import BadResponse, MediaServer, NotAllowed, PushEvent, PushKind
from ..sync.model import Activity, SessionRead

IDLE_SECONDS = 60.0
PLAYING_SECONDS = 10.0


async def session_events(server: MediaServer, now: Callable[[], int]) -> AsyncGenerator[PushEvent]:
    """Yield what each look shows and what changed since the last one, as push would; raises what the server answers.

    Raises NotAllowed where the account cannot read its sessions either, and BadResponse where it could until now.
    """
    sessions = await server.open_sessions()
    if sessions is None:
        raise NotAllowed("The account cannot read its sessions")
    active = sessions.active
    yield PushEvent(PushKind.CONNECTED, now(), sessions=sessions)
    while True:
        await asyncio.sleep(PLAYING_SECONDS if Activity.PLAYING in active.values() else IDLE_SECONDS)
        sessions = await _look(server)
        yield PushEvent(PushKind.SESSIONS, now(), sessions=sessions)
        before, active = active, sessions.active
        for item_id in before.keys() | active.keys():
            kind = _change(before.get(item_id), active.get(item_id))
            if kind is not None:
                yield PushEvent(kind, now(), item_id)


async def _look(server: MediaServer) -> SessionRead:
    """Return the sessions of this account; raises BadResponse where they cannot be read any more."""
    sessions = await server.open_sessions()
    if sessions is None:
        raise BadResponse("The sessions could be read until now")
    return sessions


def _change(before: Activity | None, after: Activity | None) -> PushKind | None:
    """Return what happened between two looks."""
    if before is after:
        return None
    if after is None:
        return PushKind.STOPPED
    return PushKind.PAUSED if after is Activity.PAUSED else PushKind.PLAYED
