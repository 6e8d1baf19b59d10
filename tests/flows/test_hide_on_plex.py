"""The rule that hides on Plex what cannot be removed there."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.pair.rules import pair_rules
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv

from .conftest import AddAccount
from .dialog import Dialog, add_account, add_pair, reconfigure_pair
from .pair_dialog import FLAT, RULES, at_preview, changed, pairs


@pytest.fixture
async def on_plex(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> ConfigEntry:
    """An account on Plex."""
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_code")
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], "Olga")
    await dialog.wait()
    step = await dialog.submit(user=str(plex.users["Olga"].account.account_id))
    entry: ConfigEntry = step["result"]
    return entry


def fields(dialog: Dialog) -> list[str]:
    """Return the names of the fields that a form shows."""
    return [str(marker) for marker in dialog.step["data_schema"].schema]


@pytest.mark.parametrize("from_plex", [True, False])
async def test_offered_where_a_side_is_plex(
    hass: HomeAssistant, on_plex: ConfigEntry, jellyfin: SimulatedJellyfin, add: AddAccount, from_plex: bool
) -> None:
    """Whichever side that is; off unless it was chosen, and kept until somebody changes it."""
    other = await add(jellyfin, "Anna")
    entry, peer = (on_plex, other) if from_plex else (other, on_plex)
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="two_way")
    assert fields(dialog) == ["add", "remove", "hide_on_plex", "guardrails"]
    await dialog.submit(**RULES)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    (pair,) = pairs(entry)
    assert pair.data == {"peer": peer.unique_id, "direction": "two_way", **FLAT, "hide_on_plex": False}
    assert not pair_rules(pair.data).hide_on_plex

    dialog = await changed(hass, entry, pair, "two_way", remove="source", hide_on_plex=True)
    await dialog.submit(sync_now=False)
    await hass.async_block_till_done()
    (pair,) = pairs(entry)
    assert pair_rules(pair.data).hide_on_plex
    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)
    await dialog.submit(direction="two_way")
    assert dialog.suggested("hide_on_plex") is True


async def test_not_offered_elsewhere(hass: HomeAssistant, accounts: tuple[ConfigEntry, ConfigEntry]) -> None:
    """A pair without Plex has nothing to hide, and stores nothing of it."""
    entry, peer = accounts
    dialog = await add_pair(hass, entry)
    await dialog.submit(peer=peer.unique_id, direction="two_way")
    assert "hide_on_plex" not in fields(dialog)
    dialog.close()
    dialog = await at_preview(await add_pair(hass, entry), peer)
    await dialog.submit(sync_now=False)

    assert "hide_on_plex" not in pairs(entry)[0].data
