"""Push messages that never stop: the connection is closed from here, and leaves nothing behind."""

import pytest

from custom_components.resume_sync.sync.media_server import PushedTooMuch
from tests.complaints import Complaints
from tests.hostile.client import client_of, listened
from tests.hostile.floods import FLOODS, flooding, no_sessions
from tests.hostile.raw_server import raw_server
from tests.servers.push_listening import tasks_of_push
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("socket_enabled")

# On a clock that stands while there is work, nobody finds that nothing else comes. Dripping, they have a test too.
ENDLESS_WORK = "empty fragments"


@pytest.mark.parametrize("kind", ["plex", "jellyfin", "emby"])
@pytest.mark.parametrize("name", sorted(FLOODS.keys() - {ENDLESS_WORK}))
async def test_a_flood(kind: str, name: str) -> None:
    """Whatever it is made of: the server is told, and others have their turn meanwhile."""
    async with raw_server(no_sessions, flooding(name)) as server, client_of(kind, server.url, 3600) as client:
        complaints = Complaints()
        with pytest.raises(PushedTooMuch):
            await listened(client)
        await eventually(lambda: server.left > 0)
        assert tasks_of_push() == []
        assert complaints.all() == []
