"""Changing pairs."""

from types import MappingProxyType

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from .dialog import reconfigure_pair
from .pair_dialog import FLAT, RULES, changed, pairs


async def test_reconfigure(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], pair: ConfigSubentry
) -> None:
    """A pair gets other rules and the name that goes with them; the dialog starts with what it has."""
    entry, peer = accounts
    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)
    assert dialog.suggested("direction") == "two_way"
    await dialog.submit(direction="from_peer")
    assert dialog.suggested("remove") == "off"
    guardrails = {"min_seconds": 0, "delta_seconds": 0, "max_percent": 100}
    await dialog.submit(add=False, remove="mirror", guardrails=guardrails)

    step = await dialog.submit(sync_now=False)

    assert step["reason"] == "reconfigure_successful"
    (now,) = pairs(entry)
    assert now.subentry_id == pair.subentry_id
    assert now.unique_id == peer.unique_id
    assert now.title == "Jellyfin (Anna) ← Emby (Anna)"
    assert now.data == {
        "peer": peer.unique_id,
        "direction": "from_peer",
        "add": False,
        "remove": "mirror",
        **guardrails,
    }

    await hass.async_block_till_done()
    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)
    await dialog.submit(direction="two_way")
    section = dialog.step["data_schema"].schema["guardrails"].schema.schema
    assert {str(key): key.description["suggested_value"] for key in section} == guardrails


async def test_reconfigure_keeps_a_name_of_ones_own(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], pair: ConfigSubentry
) -> None:
    """A pair that somebody has named keeps that name."""
    entry, _ = accounts
    hass.config_entries.async_update_subentry(entry, pair, title="Evening")
    await hass.async_block_till_done()
    dialog = await changed(hass, entry, pair, "to_peer")
    await dialog.submit(sync_now=False)

    assert [(each.title, each.data["direction"]) for each in pairs(entry)] == [("Evening", "to_peer")]


async def test_reconfigure_without_partner(
    hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry], pair: ConfigSubentry
) -> None:
    """A pair whose other account is gone can only be deleted."""
    entry, peer = accounts
    await hass.config_entries.async_remove(peer.entry_id)
    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)

    assert dialog.step["reason"] == "peer_gone"


async def test_an_older_pair(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """A pair that lacks some rules is filled in with the defaults."""
    entry, peer = accounts
    data = MappingProxyType({"peer": peer.unique_id, "direction": "to_peer"})
    hass.config_entries.async_add_subentry(
        entry, ConfigSubentry(data=data, subentry_type="pair", title="Old", unique_id=peer.unique_id)
    )
    await hass.async_block_till_done()
    dialog = await reconfigure_pair(hass, entry, pairs(entry)[0].subentry_id)
    await dialog.submit(direction="to_peer")
    await dialog.submit(**RULES)

    await dialog.submit(sync_now=False)

    assert pairs(entry)[0].data == {**data, **FLAT}
