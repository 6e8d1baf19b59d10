"""Seconds after a stop: what servers tell by themselves wakes the pairs of the account."""

import asyncio
from collections.abc import AsyncGenerator
import json

from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.account import live_updates
from custom_components.resume_sync.account.coordinator import AccountCoordinator
from custom_components.resume_sync.sync.media_server import PushEvent
from tests.simulators.faults import Status
from tests.waiting import eventually

from .household import MINUTE, USER, Household
from .live import LIVE, live, watch

SOCKETS = {"jellyfin": "GET /socket", "emby": "GET /embywebsocket"}


@pytest.fixture
async def couple(hass: HomeAssistant, live_home: Household) -> Household:
    """Two accounts in sync, which hear of what happens."""
    home = live_home
    home.leave("jellyfin", "film-1", 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    for entry in list(home.entries.values()):
        if entry.state.value == "not_loaded":
            await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await hass.services.async_call("resume_sync", "sync", blocking=True)
    assert home.position("emby", "film-1") == 20
    await live(home, "jellyfin", "emby")
    return home


@pytest.mark.parametrize(("source", "target"), [("jellyfin", "emby"), ("emby", "jellyfin")])
async def test_a_stop_is_on_the_other_server_within_seconds(couple: Household, source: str, target: str) -> None:
    """Nobody waits for a round; the position has the time of the stop."""
    await watch(couple, source, "film-1", 42)
    await eventually(lambda: couple.position(target, "film-1") == 42)


async def test_a_burst_of_stops_is_one_run(couple: Household) -> None:
    """Ten titles within half a second are looked at once, then one run reads anew; our own writes wake nobody."""
    couple.reset_traffic()
    for number in range(2, 12):
        await watch(couple, "jellyfin", f"film-{number}", 30)
    await eventually(lambda: all(couple.position("emby", f"film-{number}") == 30 for number in range(2, 12)))
    await asyncio.sleep(2)
    assert couple.listings()["jellyfin"] == 2
    assert couple.server("emby").traffic.writes == 10


async def test_a_connection_that_breaks_is_shown_and_comes_back(couple: Household) -> None:
    """What was left meanwhile is caught up at once."""
    server = couple.server("jellyfin")
    server.faults.add(SOCKETS["jellyfin"], Status(503), times=1)
    server.push.abort()
    await eventually(lambda: couple.state(LIVE.format("jellyfin")) == "off")
    couple.leave("jellyfin", "film-3", 25, ago=0)
    await live(couple, "jellyfin")
    await eventually(lambda: couple.position("emby", "film-3") == 25)


async def test_a_read_that_succeeds_ends_the_pause(couple: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees that the server is back lets it be listened to again at once."""
    monkeypatch.setattr(live_updates, "RETRY_SECONDS", (3600.0,))
    server = couple.server("jellyfin")
    server.push.abort()
    await eventually(lambda: couple.state(LIVE.format("jellyfin")) == "off")

    await couple.hass.services.async_call("resume_sync", "sync", blocking=True)
    await live(couple, "jellyfin")


async def test_an_error_that_nobody_expected_ends_no_listener(
    couple: Household, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, with where it came from, and shown; stops are heard of again."""
    account: AccountCoordinator = couple.entries["jellyfin"].runtime_data.account
    listen, broken = account.client.events, 2

    def break_twice() -> AsyncGenerator[PushEvent]:
        nonlocal broken
        broken -= 1
        if broken >= 0:
            raise ZeroDivisionError("nobody expected this")
        return listen()

    monkeypatch.setattr(account.client, "events", break_twice)
    couple.server("jellyfin").push.abort()
    await eventually(lambda: couple.state(LIVE.format("jellyfin")) == "off")

    await eventually(lambda: broken < 0)
    await live(couple, "jellyfin")
    told = [record for record in caplog.records if "ended unexpectedly" in record.message]
    assert [(record.levelname, record.exc_info is not None) for record in told] == [("ERROR", True)]
    await watch(couple, "jellyfin", "film-1", 42)
    await eventually(lambda: couple.position("emby", "film-1") == 42)


async def test_sessions_are_looked_at_for_a_while_where_push_is_too_much(
    couple: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then push has another chance."""
    monkeypatch.setattr("custom_components.resume_sync.account.session_poll.IDLE_SECONDS", 0.2)
    monkeypatch.setattr("custom_components.resume_sync.account.live_updates.TOO_MUCH_SECONDS", 12)
    server = couple.server("jellyfin")
    opened = server.push.opened
    server.push.push(json.dumps({"MessageType": "x" * 9_000_000}))
    await eventually(lambda: couple.state(LIVE.format("jellyfin")) == "off")
    couple.reset_traffic()
    await live(couple, "jellyfin")
    await eventually(lambda: server.traffic.requests("GET /Sessions") >= 3)
    assert server.push.opened == opened
    await eventually(lambda: server.push.opened == opened + 1)
    await watch(couple, "jellyfin", "film-5", 35)
    await eventually(lambda: couple.position("emby", "film-5") == 35)


async def test_sessions_are_looked_at_where_push_is_refused(
    live_home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A light poll takes its place."""
    home = live_home
    monkeypatch.setattr("custom_components.resume_sync.account.session_poll.IDLE_SECONDS", 0.2)
    monkeypatch.setattr("custom_components.resume_sync.account.session_poll.PLAYING_SECONDS", 0.2)
    home.server("jellyfin").faults.add(SOCKETS["jellyfin"], Status(403), times=None)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.hass.config_entries.async_setup("entry-jellyfin")
    await home.hass.async_block_till_done()
    await live(home, "jellyfin")
    viewer = home.server("jellyfin").viewer(USER)
    (item_id,) = home.server("jellyfin").items_of("film-4")
    viewer.play(item_id)
    viewer.progress(33 * MINUTE)
    await asyncio.sleep(0.5)
    viewer.stop(33 * MINUTE)
    await eventually(lambda: home.position("emby", "film-4") == 33)
