"""Pairs that sync as soon as they are set up, if somebody says so."""

import asyncio

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import FILM
from .dialog import add_pair
from .pair_dialog import at_preview, changed


async def settled_position(hass: HomeAssistant, server: SimulatedJellyfin, item_id: str) -> int:
    """Return the position of an item once all that follows a dialog has happened."""
    for _ in range(5):
        await hass.async_block_till_done(wait_background_tasks=True)
        await asyncio.sleep(0.1)
    return server.viewer("Anna").state(item_id).position_ms


@pytest.mark.parametrize("sync_now", [False, True])
async def test_sync_right_away(
    hass: HomeAssistant,
    accounts: tuple[ConfigEntry, ConfigEntry],
    jellyfin: SimulatedJellyfin,
    emby: SimulatedEmby,
    sync_now: bool,
) -> None:
    """Setting up writes nothing, unless somebody says so."""
    entry, peer = accounts
    (on_jellyfin,), (on_emby,) = jellyfin.items_of("film"), emby.items_of("film")
    emby.set_state("Anna", on_emby, position_ms=3_723_000, last_played=emby.now() - 7200)
    dialog = await at_preview(await add_pair(hass, entry), peer)
    step = await dialog.submit(sync_now=sync_now)
    assert step["description"] == ("synced" if sync_now else None), "what is written, and the way to the dashboard"
    if sync_now:
        assert (step["description_placeholders"]["to_left"], step["description_placeholders"]["to_right"]) == ("1", "0")
    position = await settled_position(hass, jellyfin, on_jellyfin)

    assert position == (3_723_000 if sync_now else 0)


@pytest.mark.parametrize("direction", ["two_way", "from_peer"])
async def test_reconfigure_and_sync(
    hass: HomeAssistant,
    accounts: tuple[ConfigEntry, ConfigEntry],
    pair: ConfigSubentry,
    jellyfin: SimulatedJellyfin,
    emby: SimulatedEmby,
    *,
    direction: str,
) -> None:
    """A changed pair syncs right away if that is wanted, also when nothing about it has changed."""
    entry, _ = accounts
    (on_jellyfin,), (on_emby,) = jellyfin.items_of(FILM.key), emby.items_of(FILM.key)
    emby.set_state("Anna", on_emby, position_ms=3_723_000, last_played=emby.now())
    dialog = await changed(hass, entry, pair, direction)
    await dialog.submit(sync_now=True)

    assert await settled_position(hass, jellyfin, on_jellyfin) == 3_723_000
