"""How an account's state reaches the disk, with few titles and with thousands."""

import asyncio
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.account.store import StateStore
from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.journal.trail import Entry, Place
from custom_components.resume_sync.sync.model import MediaKind

TITLES = 20_000
PAIR = "pair"


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Let Home Assistant use real files."""
    return {}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Keep these files in a directory of the test."""
    return hass_tmp_config_dir


@pytest.fixture
def store(hass: HomeAssistant) -> StateStore:
    """Return the store of an account with thousands of titles and a pair, not yet saved."""
    store = StateStore(hass, "large", "Jellyfin (Anna)")
    for number in range(TITLES):
        edit = Edit(number, number)
        store.journal.entries[f"{number:032x}"] = Entry(
            MediaKind.MOVIE, frozenset({f"movie:imdb:tt{number}"}), Place(600_000, edit), 600_000
        )
    return store


def stored(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is on the disk."""
    data: dict[str, Any] = json.loads(Path(hass.config.path(".storage", f"{DOMAIN}.large")).read_text())["data"]
    return data


def go_on(store: StateStore, position_ms: int) -> None:
    """Let every title stand somewhere else."""
    entries = store.journal.entries
    entries.update({key: replace(entry, position_ms=position_ms) for key, entry in entries.items()})
    entries[f"new at {position_ms}"] = next(iter(entries.values()))


async def test_a_save_holds_one_moment(hass: HomeAssistant, store: StateStore) -> None:
    """What changes while a save is under way is in the next one, all of it."""
    await store.async_load([PAIR])
    saving = asyncio.create_task(store.async_save())
    await asyncio.sleep(0)
    go_on(store, 700_000)
    store.pairs[PAIR].automatic = False
    await saving
    first = stored(hass)
    await store.async_save()
    second = stored(hass)

    assert len(first["journal"]["entries"]) == TITLES
    assert {entry["position_ms"] for entry in first["journal"]["entries"].values()} == {600_000}
    assert first["pairs"][PAIR]["automatic"] is True
    assert len(second["journal"]["entries"]) == TITLES + 1
    assert {entry["position_ms"] for entry in second["journal"]["entries"].values()} == {700_000}
    assert second["pairs"][PAIR]["automatic"] is False


async def test_saves_keep_their_order(hass: HomeAssistant, store: StateStore) -> None:
    """Of two saves under way at once the later state stays."""
    await store.async_load([PAIR])
    earlier = asyncio.create_task(store.async_save())
    await asyncio.sleep(0)
    go_on(store, 700_000)
    await asyncio.gather(earlier, store.async_save())

    assert {entry["position_ms"] for entry in stored(hass)["journal"]["entries"].values()} == {700_000}


async def test_nothing_is_written_that_is_on_the_disk_already(hass: HomeAssistant, store: StateStore) -> None:
    """Neither after a save nor after a load."""
    await store.async_load([PAIR])
    await store.async_save()
    path = Path(hass.config.path(".storage", f"{DOMAIN}.large"))
    path.unlink()
    await store.async_save()
    assert not path.exists()

    store.pairs[PAIR].last_sync = 1
    await store.async_save()
    restarted = StateStore(hass, "large", "Jellyfin (Anna)")
    assert await restarted.async_load([PAIR])
    path.unlink()
    await restarted.async_save()
    assert not path.exists()
    restarted.pairs[PAIR].last_sync = 2
    await restarted.async_save()
    assert stored(hass)["pairs"][PAIR]["last_sync"] == 2
