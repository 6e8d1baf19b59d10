"""A look at sessions now and then, where push is refused."""

from contextlib import aclosing

import pytest

from custom_components.resume_sync.account import session_poll
from custom_components.resume_sync.account.session_poll import session_events
from custom_components.resume_sync.sync.media_server import BadResponse, NotAllowed, PushEvent, PushKind
from custom_components.resume_sync.sync.model import Activity, ServerType
from tests.sync.world import MINUTE, Clock, ModelServer, film


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A server with two films that is looked at without a pause."""
    monkeypatch.setattr(session_poll, "IDLE_SECONDS", 0)
    monkeypatch.setattr(session_poll, "PLAYING_SECONDS", 0)
    server = ModelServer(ServerType.EMBY, Clock())
    server.add(film(0), film(1))
    return server


def told(event: PushEvent) -> dict[str, Activity]:
    """Return what an event tells of sessions."""
    assert event.sessions is not None
    assert event.sessions.read_at == event.at
    return event.sessions.active


async def test_what_changes_between_two_looks(server: ModelServer) -> None:
    """Each look tells what sessions do, then what is new since the last one."""
    async with aclosing(session_events(server, server.clock.now)) as events:
        server.play("film-0")
        first = await anext(events)
        assert (first.kind, told(first)) == (PushKind.CONNECTED, {"film-0": Activity.PLAYING})
        server.clock.wait(60)
        look = await anext(events)
        assert (look.kind, told(look)) == (PushKind.SESSIONS, {"film-0": Activity.PLAYING})
        assert look.sessions is not None
        assert look.sessions.sessions[0].reported_ms == MINUTE
        steps = (
            (server.pause, PushKind.PAUSED),
            (server.stop, PushKind.STOPPED),
            (lambda: server.play("film-0", "phone"), PushKind.PLAYED),
        )
        for act, kind in steps:
            act()
            assert (await anext(events)).kind is PushKind.SESSIONS
            change = await anext(events)
            assert (change.kind, change.item_id, change.sessions) == (kind, "film-0", None)


async def test_sessions_that_cannot_be_read(server: ModelServer) -> None:
    """From the start nothing is looked at; later on that ends the looking."""
    server.sessions_readable = False
    with pytest.raises(NotAllowed):
        await anext(session_events(server, server.clock.now))
    server.sessions_readable = True
    events = session_events(server, server.clock.now)
    assert (await anext(events)).kind is PushKind.CONNECTED
    server.sessions_readable = False
    with pytest.raises(BadResponse):
        await anext(events)
