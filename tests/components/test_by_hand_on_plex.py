"""What can be decided by hand where one of the accounts is on Plex, and what Plex cannot do."""

from collections.abc import AsyncIterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.simulators.library import Film
from tests.simulators.plex.server import PlexMediaServer

from .household import HOME_MOVIE, MINUTE, Household
from .plex_account import add_plex_account, plex_position, plex_server

COPY = Film("garden-copy", "Garden Party", 2024, 60 * MINUTE)


@pytest.fixture
async def plex(home: Household) -> AsyncIterator[PlexMediaServer]:
    """Anna's Plex Media Server, paired with Jellyfin: a film and a home movie are in progress on Jellyfin."""
    server = plex_server()
    server.add_film(COPY)
    home.server("jellyfin").add_film(HOME_MOVIE)
    home.leave("jellyfin", "film-1", 42)
    home.leave("jellyfin", HOME_MOVIE.key, 20)
    await server.start()
    home.add_account("jellyfin")
    add_plex_account(home, server, home.pair("jellyfin"))
    await home.setup()
    await home.next_round()
    yield server
    await home.hass.config_entries.async_unload("entry-plex")
    await server.stop()


async def act(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its response."""
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


async def test_plex_cannot_take_a_title_out_of_progress(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Told clearly, like positions that it does not keep; others are set."""
    asked = {"config_entry_id": "entry-plex", "item_id": plex.items_of("film-1")[0]}
    assert await act(hass, "set_progress", **asked, offset=-20 * 60) == {"position": 22 * 60}
    assert plex_position(plex, "film-1") == 22

    for given, why in (
        ({"position": 0}, "cannot_clear"),
        ({"offset": -9999}, "cannot_clear"),
        ({"position": 30}, "not_stored"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await act(hass, "set_progress", **asked, **given)
        assert refused.value.translation_key == why
        assert "Den (Anna)" in str(refused.value)
    assert plex_position(plex, "film-1") == 22


async def test_undo_tells_what_plex_cannot_put_back(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """The film was not in progress there before, so it stays."""
    (pair,) = (await act(hass, "get_unresolved"))["pairs"]
    (row,) = (await act(hass, "undo", device_id=pair["device_id"]))["pairs"]
    assert (row["restored"], row["moved"], row["not_supported"], row["failed"]) == (0, 0, 1, 0)
    assert plex_position(plex, "film-1") == 42


async def test_a_home_movie_is_mapped_to_one_on_plex(
    hass: HomeAssistant, home: Household, plex: PlexMediaServer
) -> None:
    """From the candidates that Plex proposes."""
    (answer,) = (await act(hass, "get_unresolved"))["pairs"]
    (row,) = answer["items"]
    (candidate,) = row["candidates"]
    assert (candidate["title"], candidate["duration"]) == ("Garden Party", 3600)

    data = {"device_id": answer["device_id"], "source_item": row["item_id"], "target_item": candidate["item_id"]}
    await hass.services.async_call(DOMAIN, "map_item", data, blocking=True)
    await home.settle()
    await home.next_round()
    assert plex_position(plex, COPY.key) == 20
