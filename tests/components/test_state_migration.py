"""Stored states of earlier versions keep working; what a newer version has written is not misread."""

import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.resume_sync.account.state_migration import migrated
from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Place, Write
from custom_components.resume_sync.sync.model import Side
from tests.flows.texts import read

from .household import HOME_MOVIE, Household

VERSION_1 = Path(__file__).parent / "state_files"
"""Files as the first version wrote them: of each thing that is remembered at least one. Never to be changed."""

KEY = f"{DOMAIN}.entry-jellyfin"


def stored_state(name: str = "jellyfin") -> dict[str, Any]:
    """Return an account's file of the first version."""
    state: dict[str, Any] = json.loads((VERSION_1 / f"version_1_{name}.json").read_text(encoding="utf-8"))
    return state


def lost(before: Any, after: Any, path: str = "") -> list[str]:
    """Return the paths of all values that are no longer what they were; what was added does not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for key, value in before.items()
            for found in (lost(value, after[key], f"{path}/{key}") if key in after else [f"{path}/{key}"])
        ]
    return [] if before == after else [path]


@pytest.fixture
async def upgraded(home: Household, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory) -> Household:
    """The home that the files were written in, a minute later, before its accounts are set up.

    Film 2 was taken off on Jellyfin and waits to be taken off on Emby. The same for film 5 has been refused.
    """
    home.server("jellyfin").add_film(HOME_MOVIE)
    for name, film, seconds, last_played in (
        ("jellyfin", "film-1", 2520, 1795258950),
        ("jellyfin", "film-2", 0, 1795258950),
        ("jellyfin", "film-5", 0, 1795258950),
        ("jellyfin", "home-movie", 540, 1795258950),
        ("emby", "film-1", 2520, 1795261470),
        ("emby", "film-2", 1260, 1795260210),
        ("emby", "film-5", 1980, 1795260930),
        ("emby", "film-3", 20, 1795262490),
    ):
        server = home.server(name)
        (item_id,) = server.items_of(film)
        server.set_state("Anna", item_id, position_ms=seconds * 1000, last_played=last_played)
    hass_storage[f"{DOMAIN}.entry-emby"] = stored_state("emby")
    freezer.move_to("2026-11-21 12:16:00+00:00")
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    return home


async def test_the_first_version(
    upgraded: Household, hass_storage: dict[str, Any], issue_registry: ir.IssueRegistry
) -> None:
    """Nothing of it is lost, and what waited is taken up where it was left."""
    hass_storage[KEY] = stored_state()
    await upgraded.setup()

    data = upgraded.entries["jellyfin"].runtime_data
    assert not lost(
        migrated(1, stored_state()["data"])["journal"]["entries"], data.account.account.journal.to_dict()["entries"]
    )
    state = data.pairs["pair-emby"].state
    assert not state.automatic
    assert state.last_sync == 1795263302000
    assert [one.item.title for one in state.ledger.tombstones] == ["Film 2"]
    assert state.ledger.linked_by_hand() == {"837cb8a5b09667bcf6f80dc8057c447b": "123"}
    assert state.ledger.ignores(Side.RIGHT, "124")
    assert (state.ledger.updated_total, state.ledger.cleared_total) == (3, 3)
    assert upgraded.state("sensor.with_emby_status") == "pending"
    assert not issue_registry.issues

    await upgraded.hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.with_emby_automatic_sync"}, blocking=True
    )
    for _ in range(3):
        await upgraded.next_round()
    assert upgraded.position("emby", "film-2") == 0
    assert upgraded.position("emby", "film-5") == 33
    assert upgraded.position("emby", "film-1") == upgraded.position("jellyfin", "film-1") == 42


async def test_every_field_of_the_first_version_is_read(
    upgraded: Household, hass_storage: dict[str, Any], hass: HomeAssistant
) -> None:
    """Read before any run could change it: both accounts are set up, the peer does not answer."""
    hass_storage[KEY] = stored_state()
    await upgraded.server("emby").stop()
    await upgraded.setup()

    data = upgraded.entries["jellyfin"].runtime_data
    ledger = data.pairs["pair-emby"].state.ledger
    stored = stored_state()["data"]
    assert lost(stored["pairs"]["pair-emby"]["ledger"], ledger.to_dict()) == []
    journal = migrated(1, stored)["journal"] | {"read_at": 0}
    assert lost(journal, data.account.account.journal.to_dict() | {"read_at": 0}) == []
    assert all(stored["pairs"]["pair-emby"]["ledger"].values())
    assert stored["journal"]["intents"]


async def test_a_state_with_a_higher_minor_version(
    upgraded: Household, hass_storage: dict[str, Any], issue_registry: ir.IssueRegistry
) -> None:
    """A later version only added something: going back to this one keeps everything else."""
    state = stored_state()
    state["minor_version"] = 7
    state["data"]["added_later"] = {"anything": [1, 2]}
    state["data"]["pairs"]["pair-emby"]["added_later"] = True
    hass_storage[KEY] = state
    await upgraded.setup()

    data = upgraded.entries["jellyfin"].runtime_data
    assert data.pairs["pair-emby"].state.last_sync == 1795263302000
    assert [one.item.title for one in data.pairs["pair-emby"].state.ledger.tombstones] == ["Film 2"]
    assert data.account.account.journal.started_at == 1795262550000
    assert not issue_registry.issues


async def test_a_state_with_a_higher_version(
    upgraded: Household, hass_storage: dict[str, Any], issue_registry: ir.IssueRegistry
) -> None:
    """Nobody knows what it means: no history, nothing is taken off anywhere, and the user is told."""
    hass_storage[KEY] = stored_state() | {"version": 3}
    await upgraded.setup()

    assert upgraded.entry_state("jellyfin") is ConfigEntryState.LOADED
    issue = issue_registry.async_get_issue(DOMAIN, "state_reset_entry-jellyfin")
    assert issue is not None
    assert read(issue.translation_placeholders) == {"account": upgraded.entries["jellyfin"].title}
    data = upgraded.entries["jellyfin"].runtime_data
    ledger = data.pairs["pair-emby"].state.ledger
    assert ledger.tombstones == ()
    assert ledger.updated_total == ledger.cleared_total == 0
    assert (data.account.account.journal.started_at or 0) > 1795263302000
    for _ in range(4):
        await upgraded.next_round()
    assert upgraded.position("emby", "film-2") == 21
    assert upgraded.position("emby", "film-5") == 33
    assert upgraded.stored("jellyfin")["pairs"].keys() == {"pair-emby"}


def test_what_is_lost_is_found() -> None:
    """A field that went missing or was changed, wherever it is."""
    before = stored_state()["data"]
    after = stored_state()["data"]
    del after["journal"]["intents"]
    after["pairs"]["pair-emby"]["ledger"]["settled"]["right:105"]["reason"] = "near_end"
    after["pairs"]["pair-emby"]["new"] = 1

    assert lost(before, before) == []
    assert lost(before, after) == ["/journal/intents", "/pairs/pair-emby/ledger/settled/right:105/reason"]


def test_places_of_the_first_version() -> None:
    """Where an item stood, where a viewer had left it, and what we had written before any read showed it."""
    edit, viewers = {"earliest": 1, "latest": 2}, {"earliest": 0, "latest": 0}
    left = {"position_ms": 10, "edit": viewers}
    stood = [{"position_ms": 20, "edit": edit}]
    entry = {
        "kind": "movie",
        "keys": ["movie:imdb:603", "movie:imdb:tt603"],
        "position_ms": 31,
        "dated_position_ms": 30,
    }
    written = {"written_at": 5, "undone_at": 6, "date": {"server_ms": 7, "local_ms": 8}}
    sent = {
        "position_ms": 40,
        "edit": edit,
        "made_at": 9,
        "sent_date_server_ms": 4,
        "watched": True,
        "keys": ["show:imdb:1"],
    }
    data = {
        "journal": {
            "entries": {
                "a": entry | {"edit": edit, "left": left, "stood": stood} | written,
                "b": entry | {"edit": edit},
            },
            "intents": {"a": sent | {"left": {"position_ms": 0, "edit": viewers}}},
            "overtaken": {"a": [sent], "c": [sent]},
        },
        "pairs": {},
    }

    journal = Journal.from_dict(migrated(1, data)["journal"])

    ours, viewer = journal.entries["a"], journal.entries["b"]
    assert ours.keys == {"movie:imdb:tt603"}
    assert ours.place == Place(30, Edit(1, 2), written_at=5, date_server_ms=7, undone_at=6)
    assert ours.before == (Place(20, Edit(1, 2)), Place(10, Edit(0, 0)))
    assert (ours.position_ms, viewer.place, viewer.before) == (31, Place(30, Edit(1, 2)), ())
    write = Write(Place(40, Edit(1, 2), written_at=9, date_server_ms=4, watched=True))
    assert journal.unseen.writes == {"a": (write, write), "c": (write,)}
