"""Adding pairs: with whom, which way, by which rules, and what that would do."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from custom_components.resume_sync.flows import pair as pair_flow
from tests.simulators.faults import Status
from tests.simulators.library import Film
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import AddAccount
from .dialog import add_account, add_pair, go_on
from .pair_dialog import FLAT, GUARDRAILS, RULES, at_preview, pairs
from .texts import read


async def test_after_the_second_account(hass: HomeAssistant, jellyfin: Any, emby: Any, add: AddAccount) -> None:
    """The dialog of a pair opens by itself after the second account, with the first one filled in."""
    first = await add(jellyfin, "Anna")
    account = await add_account(hass, "emby")
    await account.submit(url=emby.url, verify_ssl=True)
    await account.choose("password")
    step = await account.submit(username="Anna", password="secret")
    dialog = go_on(hass, step)
    assert dialog.options("peer") == {first.unique_id: "Jellyfin (Anna)"}
    assert dialog.suggested("peer") == first.unique_id
    await at_preview(dialog, first)
    await dialog.submit(sync_now=False)

    assert [pair.title for pair in pairs(step["result"])] == ["Emby (Anna) ⇄ Jellyfin (Anna)"]


async def test_no_pair_with_an_account_that_is_not_set_up(
    hass: HomeAssistant, jellyfin: Any, emby: SimulatedEmby, add: AddAccount
) -> None:
    """No dialog opens by itself where the new account could not be set up."""
    await add(jellyfin, "Anna")
    account = await add_account(hass, "emby")
    await account.submit(url=emby.url, verify_ssl=True)
    await account.choose("password")
    emby.faults.add("GET *", Status(500), times=None)
    step = await account.submit(username="Anna", password="secret")

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in step
    assert hass.config_entries.subentries.async_progress() == []


@pytest.mark.parametrize(("direction", "arrow"), [("two_way", "⇄"), ("to_peer", "→"), ("from_peer", "←")])
async def test_what_is_stored(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], direction: str, arrow: str
) -> None:
    """A pair is stored flat, under the other account's id."""
    entry, peer = accounts
    dialog = await at_preview(await add_pair(hass, entry), peer, direction, remove="source")
    step = await dialog.submit(sync_now=False)

    assert step["type"] is FlowResultType.CREATE_ENTRY
    (pair,) = pairs(entry)
    assert pair.title == f"Jellyfin (Anna) {arrow} Emby (Anna)"
    assert pair.unique_id == peer.unique_id
    assert pair.data == {"peer": peer.unique_id, "direction": direction, **FLAT, "remove": "source"}
    assert all(type(pair.data[key]) is int for key in GUARDRAILS)


async def test_preview_tells_what_would_happen(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], jellyfin: SimulatedJellyfin, emby: SimulatedEmby
) -> None:
    """The preview counts by direction, shows examples as they are written, and changes nothing."""
    entry, peer = accounts
    films = [
        Film(f"film-{number}", f"Film {number}", 2001, 6_000_000, {"tmdb": str(100 + number)}) for number in range(4)
    ]
    for film in films:
        on_jellyfin = jellyfin.add_film(film)
        emby.add_film(film)
        jellyfin.set_state("Anna", on_jellyfin, position_ms=600_000, last_played=jellyfin.now() - 7200)
    emby.set_state("Anna", emby.items_of("film")[0], position_ms=3_723_000, last_played=emby.now() - 7200)
    lonely = jellyfin.add_film(Film("lonely", "Nowhere Else", 2002, 6_000_000, {"tmdb": "999"}))
    jellyfin.set_state("Anna", lonely, position_ms=600_000, last_played=jellyfin.now() - 7200)
    writes = jellyfin.traffic.writes + emby.traffic.writes
    dialog = await at_preview(await add_pair(hass, entry), peer)

    shown = dialog.step["description_placeholders"]
    assert (shown["to_right"], shown["to_left"], shown["unresolved"], shown["cleared"]) == ("4", "1", "1", "0")
    assert len(shown["examples"].splitlines()) == 3
    assert dialog.step["errors"] == {}
    assert jellyfin.traffic.writes + emby.traffic.writes == writes
    dialog.close()


@pytest.mark.parametrize(("before", "shown"), [(0, "1:02:03"), (600_000, "0:10:00 → 1:02:03")])
async def test_preview_shows_titles_as_they_are(
    hass: HomeAssistant,
    accounts: tuple[ConfigEntry, ConfigEntry],
    jellyfin: SimulatedJellyfin,
    emby: SimulatedEmby,
    *,
    before: int,
    shown: str,
) -> None:
    """An example names title, year, position and where it would go; what means something in Markdown is escaped."""
    entry, peer = accounts
    emby.set_state("Anna", emby.items_of("film")[0], position_ms=3_723_000, last_played=emby.now() - 7200)
    (film,) = jellyfin.items_of("film")
    jellyfin.set_state("Anna", film, position_ms=before, last_played=jellyfin.now() - 90_000)
    dialog = await at_preview(await add_pair(hass, entry), peer)

    examples = dialog.step["description_placeholders"]["examples"]
    assert examples.startswith(r"- **Harbour \[at\] Dawn \(1999\)**: ")
    assert read({"examples": examples})["examples"] == f"- **Harbour [at] Dawn (1999)**: {shown} (Jellyfin (Anna))"
    dialog.close()


async def test_no_preview_while_a_server_is_away(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], emby: SimulatedEmby
) -> None:
    """A preview that fails is told, and the pair can be added all the same."""
    entry, peer = accounts
    emby.faults.add("*", Status(500), times=None)
    dialog = await at_preview(await add_pair(hass, entry), peer)
    assert dialog.step["errors"] == {"base": "preview_failed"}
    assert "Emby (Anna)" in dialog.step["description_placeholders"]["problem_plain"]
    assert dialog.step["description_placeholders"]["to_left"] == "?"
    await dialog.submit(sync_now=False)

    assert len(pairs(entry)) == 1


async def test_no_preview_while_the_other_account_is_not_set_up(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]
) -> None:
    """The other account need not be set up."""
    entry, peer = accounts
    await hass.config_entries.async_unload(peer.entry_id)
    dialog = await at_preview(await add_pair(hass, entry), peer)
    assert dialog.step["errors"] == {"base": "preview_failed"}
    step = await dialog.submit(sync_now=True)

    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_refused_partners(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], twin: SimulatedEmby, add: AddAccount
) -> None:
    """An account cannot be its own partner, be paired twice in either order, or be one that is gone."""
    entry, peer = accounts
    third = await add(twin, "Anna")
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()

    for held_by, partner in ((entry, peer), (peer, entry)):
        dialog = await add_pair(hass, held_by)
        assert set(dialog.options("peer")) == {third.unique_id}
        await dialog.submit(peer=partner.unique_id, direction="to_peer")
        assert dialog.step["errors"] == {"peer": "already_configured"}
        assert dialog.suggested("direction") == "to_peer"
        await dialog.submit(peer=held_by.unique_id, direction="to_peer")
        assert dialog.step["errors"] == {"peer": "same_account"}
        await dialog.submit(peer="nobody", direction="to_peer")
        assert dialog.step["errors"] == {"peer": "peer_gone"}
        await dialog.submit(peer=third.unique_id, direction="to_peer")
        assert dialog.step["step_id"] == "rules"


async def test_names_that_are_the_same(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], twin: SimulatedEmby, add: AddAccount
) -> None:
    """Accounts that were given the same name are told apart by their servers."""
    entry, peer = accounts
    third = await add(twin, "Anna")
    hass.config_entries.async_update_entry(third, title=peer.title)
    await hass.async_block_till_done()
    dialog = await add_pair(hass, entry)

    assert dialog.options("peer") == {peer.unique_id: "Emby (Anna), Cellar", third.unique_id: "Emby (Anna), Garage"}


async def test_nobody_to_pair_with(hass: HomeAssistant, jellyfin: Any, emby: Any, add: AddAccount) -> None:
    """One account alone makes no pair, and accounts that are all paired make no further one."""
    entry = await add(jellyfin, "Anna")
    dialog = await add_pair(hass, entry)
    assert dialog.step["reason"] == "no_other_account"

    peer = await add(emby, "Anna")
    dialog = await at_preview(await add_pair(hass, peer), entry)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    for one in (entry, peer):
        dialog = await add_pair(hass, one)
        assert dialog.step["reason"] == "already_configured"


async def test_an_account_that_is_not_set_up(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """No pair is added to an account that is not set up, nor one changed or finished."""
    entry, peer = accounts
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await hass.config_entries.async_unload(entry.entry_id)
    step = await dialog.submit(sync_now=False)
    assert step["reason"] == "config_entry_not_loaded"
    dialog = await add_pair(hass, entry)
    assert dialog.step["reason"] == "config_entry_not_loaded"


async def test_mirror_needs_one_way(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """Mirroring both ways is refused at its field; what was typed stays; another choice is accepted."""
    entry, peer = accounts
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="two_way")
    await dialog.submit(add=False, remove="mirror", guardrails={**GUARDRAILS, "min_seconds": 90})
    assert dialog.step["errors"] == {"remove": "mirror_two_way"}
    assert dialog.suggested("add") is False
    await dialog.submit(add=False, remove="source", guardrails={**GUARDRAILS, "min_seconds": 90})

    await dialog.submit(sync_now=False)

    assert pairs(entry)[0].data["min_seconds"] == 90
    assert pairs(entry)[0].data["remove"] == "source"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_seconds", -1),
        ("min_seconds", 3601),
        ("delta_seconds", -1),
        ("delta_seconds", 3601),
        ("max_percent", 49),
        ("max_percent", 101),
        ("max_percent", "half"),
    ],
)
async def test_impossible_numbers(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], field: str, value: Any
) -> None:
    """Numbers that make no sense are refused; the dialog stays where it is."""
    entry, peer = accounts
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="to_peer")
    with pytest.raises(InvalidData):
        await dialog.submit(add=True, remove="mirror", guardrails={**GUARDRAILS, field: value})
    await dialog.submit(add=True, remove="mirror", guardrails=GUARDRAILS)

    assert dialog.step["step_id"] == "preview"


async def test_paired_meanwhile(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """Two dialogs at a time do not lead to two pairs, in whatever order."""
    entry, peer = accounts
    one = await at_preview(await add_pair(hass, entry), peer)
    other = await at_preview(await add_pair(hass, peer), entry)
    await one.submit(sync_now=False)
    await hass.async_block_till_done()
    step = await other.submit(sync_now=True)

    assert step["reason"] == "already_configured"
    assert len(pairs(entry)) + len(pairs(peer)) == 1


async def test_partner_gone_meanwhile(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """An account that is removed while the dialog is open ends it."""
    entry, peer = accounts
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await hass.config_entries.async_remove(peer.entry_id)
    step = await dialog.submit(sync_now=False)

    assert step["reason"] == "peer_gone"
    assert pairs(entry) == []


async def test_closed_window(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """A dialog that is closed during the preview leaves nothing."""
    entry, peer = accounts
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="two_way")
    await dialog.submit(**RULES)
    await dialog.look_again()
    dialog.close()
    await hass.async_block_till_done()

    assert pairs(entry) == []


async def test_slow_preview(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview that takes its time shows that it is at work, and opens when it is done."""
    monkeypatch.setattr(pair_flow, "PATIENCE_SECONDS", 0)
    entry, peer = accounts
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="two_way")
    step = await dialog.submit(**RULES)
    assert (step["type"], step["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "preview")
    step = await dialog.look_again()
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    await dialog.wait()
    assert dialog.step["step_id"] == "preview"
