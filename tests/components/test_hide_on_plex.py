"""A pair that hides on Plex what it would remove there: what Home Assistant tells of it, and how it is undone."""

from collections.abc import AsyncIterator
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import IgnoredWrite
from tests.simulators.plex.server import PlexMediaServer

from .household import MINUTE, USER, Household
from .plex_account import add_plex_account, plex_position, plex_server

PROGRESS = "event.with_jellyfin_progress"
IN_PROGRESS = "sensor.den_anna_continue_watching"


@pytest.fixture
async def plex(home: Household) -> AsyncIterator[PlexMediaServer]:
    """Anna's Plex Media Server, whose pair with Jellyfin hides: two films are in progress on both."""
    server = plex_server()
    home.leave("jellyfin", "film-2", 20)
    await server.start()
    home.add_account("jellyfin")
    add_plex_account(home, server, home.pair("jellyfin", remove="source", hide_on_plex=True))
    await home.setup()
    await home.next_round()
    home.leave("jellyfin", "film-1", 42, ago=60)
    await home.next_round()
    assert (plex_position(server, "film-1"), plex_position(server, "film-2")) == (42, 20)
    yield server
    await home.hass.config_entries.async_unload("entry-plex")
    await server.stop()


def shown(plex: PlexMediaServer) -> list[str]:
    """Return the titles that "Continue watching" shows."""
    return [entry.title for entry in plex.hub_routes.shown(plex.users[USER])]


async def finish(home: Household, key: str) -> None:
    """Mark a film as watched on Jellyfin, and let the pair see it twice."""
    server = home.server("jellyfin")
    server.viewer(USER).mark_watched(server.items_of(key)[0])
    await home.next_round()
    await home.next_round()


async def undo(hass: HomeAssistant) -> Any:
    """Undo, and return what came of it."""

    async def call(action: str, **data: Any) -> Any:
        return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)

    (pair,) = (await call("get_tombstones"))["pairs"]
    response = await call("undo", device_id=pair["device_id"])
    (row,) = response["pairs"]
    return row


async def test_a_finished_film_is_hidden(hass: HomeAssistant, home: Household, plex: PlexMediaServer) -> None:
    """The title is told as hidden, its account has it in progress no more, and an undo shows it again."""
    assert sorted(shown(plex)) == ["Film 1", "Film 2"]
    in_progress = int(home.state(IN_PROGRESS))
    await finish(home, "film-1")

    assert shown(plex) == ["Film 2"]
    state = plex.watch_state(USER, plex.items_of("film-1")[0])
    assert (state.position_ms, state.watched, state.play_count) == (42 * MINUTE, False, 0)
    told = home.attributes(PROGRESS)
    assert (told["event_type"], told["title"], told["target"]) == ("hidden", "Film 1", "Den (Anna)")
    assert int(home.state(IN_PROGRESS)) == in_progress - 1

    row = await undo(hass)
    assert (row["restored"], row["not_shown"]) == (1, 0)
    assert sorted(shown(plex)) == ["Film 1", "Film 2"]
    await home.next_round()
    assert int(home.state(IN_PROGRESS)) == in_progress


async def test_an_undo_that_plex_does_not_show(hass: HomeAssistant, home: Household, plex: PlexMediaServer) -> None:
    """It says so: the position is there, and somebody has to play the title."""
    await finish(home, "film-1")
    plex.faults.add("GET /:/progress", IgnoredWrite())
    row = await undo(hass)
    assert (row["restored"], row["not_shown"], row["failed"]) == (1, 1, 0)
    assert shown(plex) == ["Film 2"]


async def test_hidden_on_plex_by_somebody(hass: HomeAssistant, home: Household, plex: PlexMediaServer) -> None:
    """A film that Anna takes off there leaves Jellyfin too."""
    # A look has to have seen it on the hub.
    await home.next_round()
    plex.viewer(USER).hide(plex.items_of("film-1")[0])
    for _ in range(4):
        await home.next_round()
    assert (home.position("jellyfin", "film-1"), home.position("jellyfin", "film-2")) == (0, 20)
    assert plex_position(plex, "film-1") == 42
    told = home.attributes(PROGRESS)
    assert (told["event_type"], told["title"], told["target"]) == ("cleared", "Film 1", "Jellyfin (Anna)")
