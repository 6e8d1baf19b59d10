"""What is remembered across restarts, and what happens when that is lost."""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.resume_sync.const import DOMAIN
from tests.flows.texts import read
from tests.simulators.faults import Tampered

from .household import USER, Household

KEY = f"{DOMAIN}.entry-jellyfin"


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Let Home Assistant use real files."""
    return {}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Keep these files in a directory of the test."""
    return hass_tmp_config_dir


@pytest.fixture
def state_file(hass_config_dir: str) -> Path:
    """Return where the state of the account on Jellyfin is stored."""
    return Path(hass_config_dir) / ".storage" / KEY


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair that removes, in sync; one film in progress on both."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


def reset_issue(issue_registry: ir.IssueRegistry) -> ir.IssueEntry | None:
    """Return the repair that tells of a lost history."""
    return issue_registry.async_get_issue(DOMAIN, "state_reset_entry-jellyfin")


async def test_the_state_is_private_and_written_at_once(pair: Household, state_file: Path) -> None:
    """It names titles, and it must be there after a power loss right after a run."""
    stored = json.loads(state_file.read_text())

    assert stored["version"] == 2
    assert stored["data"].keys() == {"journal", "pairs"}
    assert stored["data"]["pairs"].keys() == {"pair-emby"}
    assert stored["data"]["pairs"]["pair-emby"]["ledger"]["updated_total"] == 1
    assert state_file.stat().st_mode & 0o077 == 0
    assert state_file.with_name(f"{DOMAIN}.entry-emby").exists()


async def test_the_state_survives_a_reload(
    hass: HomeAssistant, pair: Household, issue_registry: ir.IssueRegistry
) -> None:
    """A removal that waits is confirmed after a restart, the time of the last sync is still known."""
    synced = pair.state("sensor.with_emby_last_successful_sync")
    server = pair.server("jellyfin")
    server.viewer("Anna").clear(server.items_of("film-1")[0])
    await pair.next_round()
    assert pair.position("emby", "film-1") == 42

    for entry in pair.entries.values():
        await hass.config_entries.async_unload(entry.entry_id)
    await pair.wait(3600)
    await pair.setup()

    assert pair.state("sensor.with_emby_last_successful_sync") > synced
    await pair.next_round()
    assert pair.position("emby", "film-1") == 0
    assert not issue_registry.issues


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "\x00\x00\x00\x00",
        "[]",
        "null",
        '"state"',
        "{}",
        '{"data": {}}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": []}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"journal": {"entries": 7}, "pairs": {}}}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"journal": {}, "pairs": {"pair-emby": {}}}}',
        (
            '{"version": 1, "minor_version": 1, "key": "x", "data": {"journal": {}, "pairs": '
            '{"pair-emby": {"ledger": {}, "automatic": "yes", "last_sync": null}}}}'
        ),
        '{"version": 0, "minor_version": 1, "key": "x", "data": {"journal": {}, "pairs": {}}}',
        '{"version": 99, "minor_version": 1, "key": "x", "data": {"journal": {}, "pairs": {}}}',
    ],
)
async def test_a_corrupt_or_foreign_state_means_no_history(
    hass: HomeAssistant, pair: Household, state_file: Path, issue_registry: ir.IssueRegistry, content: str
) -> None:
    """The account starts anew, says so, and clears nothing."""
    await hass.config_entries.async_unload("entry-jellyfin")
    state_file.write_text(content)
    server = pair.server("jellyfin")
    server.viewer("Anna").clear(server.items_of("film-1")[0])
    pair.leave("emby", "film-2", 21)

    await pair.setup("jellyfin")

    assert pair.entry_state("jellyfin") is ConfigEntryState.LOADED
    issue = reset_issue(issue_registry)
    assert issue is not None
    assert issue.is_fixable
    assert issue.is_persistent
    assert read(issue.translation_placeholders) == {"account": "Jellyfin (Anna)"}
    for _ in range(4):
        await pair.next_round()
    assert pair.position("emby", "film-1") == 42
    assert pair.position("jellyfin", "film-2") == 21
    assert json.loads(state_file.read_text())["data"]["pairs"].keys() == {"pair-emby"}


async def test_a_peer_without_history_removes_nothing(
    hass: HomeAssistant, pair: Household, state_file: Path, issue_registry: ir.IssueRegistry
) -> None:
    """The pair's own ledger is intact, and yet nothing that happened meanwhile on the peer counts as a removal."""
    await hass.config_entries.async_unload("entry-emby")
    state_file.with_name(f"{DOMAIN}.entry-emby").write_text("{")
    emby = pair.server("emby")
    emby.set_state(USER, emby.items_of("film-1")[0], position_ms=0)

    await pair.setup("emby")
    for _ in range(4):
        await pair.next_round()

    assert issue_registry.async_get_issue(DOMAIN, "state_reset_entry-emby") is not None
    assert pair.position("jellyfin", "film-1") == 42


async def test_a_state_that_cannot_be_read_is_not_given_up(
    hass: HomeAssistant, pair: Household, state_file: Path, issue_registry: ir.IssueRegistry
) -> None:
    """A broken disk is no reason to forget; the account is tried again."""
    await hass.config_entries.async_unload("entry-jellyfin")
    content = state_file.read_text()
    state_file.unlink()
    state_file.mkdir()
    await pair.setup("jellyfin")

    assert pair.entry_state("jellyfin") is ConfigEntryState.SETUP_RETRY
    assert "cannot be read" in (pair.entries["jellyfin"].reason or "")
    assert reset_issue(issue_registry) is None

    state_file.rmdir()
    state_file.write_text(content)
    await pair.wait(30)
    assert pair.entry_state("jellyfin") is ConfigEntryState.LOADED
    assert reset_issue(issue_registry) is None


@pytest.fixture
def full_disk(state_file: Path) -> Iterator[Path]:
    """Return a path; once it is a directory, nothing can be stored there."""
    yield state_file
    if state_file.is_dir():
        state_file.rmdir()


async def test_nothing_is_written_when_the_state_cannot_be_saved(
    hass: HomeAssistant, pair: Household, full_disk: Path
) -> None:
    """A write that is not noted first could be taken for a viewer's own."""
    full_disk.unlink()
    full_disk.mkdir()
    pair.leave("jellyfin", "film-2", 21)
    writes = pair.server("emby").traffic.writes
    await pair.next_round()

    assert pair.server("emby").traffic.writes == writes
    assert pair.state("sensor.with_emby_status") == "failed"
    with pytest.raises(HomeAssistantError, match=r"Jellyfin \(Anna\) cannot be saved"):
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    with pytest.raises(HomeAssistantError, match=r"Jellyfin \(Anna\) cannot be saved"):
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": "switch.with_emby_automatic_sync"}, blocking=True
        )

    full_disk.rmdir()
    await hass.services.async_call("switch", "turn_on", {"entity_id": "switch.with_emby_automatic_sync"}, blocking=True)
    await pair.next_round()
    assert pair.position("emby", "film-2") == 21


async def test_an_account_unloads_although_its_state_cannot_be_saved(
    hass: HomeAssistant, pair: Household, full_disk: Path
) -> None:
    """What is lost is the history of the last half hour."""
    full_disk.unlink()
    full_disk.mkdir()

    assert await hass.config_entries.async_unload("entry-jellyfin")


async def test_removing_an_account_removes_its_file_for_good(
    hass: HomeAssistant, pair: Household, state_file: Path
) -> None:
    """No save that was put off brings it back; its history is gone with it."""
    pair.leave("emby", "film-2", 21)
    await pair.next_round()
    assert history_file(state_file, "jellyfin").exists()
    await hass.config_entries.async_remove("entry-jellyfin")
    await pair.wait(7200)

    assert not state_file.exists()
    assert not history_file(state_file, "jellyfin").exists()


def history_file(state_file: Path, name: str) -> Path:
    """Return where the history of an account is stored."""
    return state_file.with_name(f"{DOMAIN}.entry-{name}.history")


async def undo(pair: Household) -> int:
    """Undo the last run; return how many titles were put back."""
    data = {"device_id": pair.device_id("pair-emby")}
    answer: Any = await pair.hass.services.async_call(DOMAIN, "undo", data, blocking=True, return_response=True)
    restored: int = answer["pairs"][0]["restored"]
    return restored


async def test_the_history_is_private_and_outlives_a_restart(
    hass: HomeAssistant, pair: Household, state_file: Path
) -> None:
    """It names titles. Each account has its own; one that was never written to has none."""
    path = history_file(state_file, "emby")
    (line,) = json.loads(path.read_text())["data"]["lines"]
    assert (line["item"]["title"], line["confirmed"]) == ("Film 1", True)
    assert path.stat().st_mode & 0o077 == 0
    assert not history_file(state_file, "jellyfin").exists()
    for entry in pair.entries.values():
        await hass.config_entries.async_unload(entry.entry_id)
    await pair.setup()
    assert await undo(pair) == 1
    assert pair.position("emby", "film-1") == 0


async def test_the_power_fails_between_a_write_and_its_read(
    hass: HomeAssistant, pair: Household, state_file: Path
) -> None:
    """What was on the disk when the server answered is what Home Assistant starts from: the line was there."""
    photo: dict[Path, bytes] = {}

    def take_photo(response: web.Response) -> web.Response:
        photo.update({path: path.read_bytes() for path in state_file.parent.glob(f"{DOMAIN}.*")})
        return response

    pair.server("emby").faults.add("POST *", Tampered(take_photo))
    pair.leave("jellyfin", "film-2", 20)
    await pair.next_round()
    assert pair.position("emby", "film-2") == 20
    for entry in pair.entries.values():
        await hass.config_entries.async_unload(entry.entry_id)
    for path, content in photo.items():
        path.write_bytes(content)
    lines = json.loads(photo[history_file(state_file, "emby")])["data"]["lines"]
    assert [(line["item"]["title"], "confirmed" in line) for line in lines] == [("Film 1", True), ("Film 2", False)]

    await pair.setup()
    await pair.next_round()
    assert pair.position("emby", "film-2") == 20
    assert await undo(pair) == 1
    assert (pair.position("emby", "film-1"), pair.position("emby", "film-2")) == (42, 0)


async def test_nothing_is_written_when_its_line_cannot_be_saved(
    hass: HomeAssistant, pair: Household, state_file: Path
) -> None:
    """What cannot be undone is not done."""
    path = history_file(state_file, "emby")
    path.unlink()
    path.mkdir()
    pair.leave("jellyfin", "film-2", 21)
    writes = pair.server("emby").traffic.writes
    await pair.next_round()
    assert pair.server("emby").traffic.writes == writes
    with pytest.raises(HomeAssistantError, match=r"Emby \(Anna\) cannot be saved"):
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    path.rmdir()
    await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert pair.position("emby", "film-2") == 21
    assert await undo(pair) == 1


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"lines": [{"line_id": "1"}]}}',
        '{"version": 1, "minor_version": 1, "key": "x", "data": {"known_since": "yesterday"}}',
        '{"version": 0, "minor_version": 1, "key": "x", "data": {}}',
        '{"version": 99, "minor_version": 1, "key": "x", "data": {}}',
    ],
)
async def test_a_damaged_history_begins_anew(
    hass: HomeAssistant, pair: Household, state_file: Path, issue_registry: ir.IssueRegistry, content: str
) -> None:
    """It tells since when it knows. Nothing else depends on it: syncing goes on as before."""
    await hass.config_entries.async_unload("entry-emby")
    path = history_file(state_file, "emby")
    path.write_text(content)
    await pair.setup("emby")
    data = {"config_entry_id": "entry-emby"}
    answer: Any = await hass.services.async_call(DOMAIN, "get_history", data, blocking=True, return_response=True)
    assert answer["items"] == []
    assert answer["known_since"] > "2026-11-21T12:03"
    assert issue_registry.async_get_issue(DOMAIN, "state_reset_entry-emby") is None
    pair.leave("jellyfin", "film-2", 21)
    await pair.next_round()
    await pair.next_round()
    assert len(json.loads(path.read_text())["data"]["lines"]) == 1
    assert await undo(pair) == 1
    assert (pair.position("emby", "film-1"), pair.position("emby", "film-2")) == (42, 0)


async def test_a_damaged_state_leaves_the_history(hass: HomeAssistant, pair: Household, state_file: Path) -> None:
    """Where nothing is known any more of who moved what, what was written can be taken back all the same."""
    for name in ("jellyfin", "emby"):
        await hass.config_entries.async_unload(f"entry-{name}")
        state_file.with_name(f"{DOMAIN}.entry-{name}").write_text("{")
    await pair.setup()
    assert await undo(pair) == 1
    assert pair.position("emby", "film-1") == 0
