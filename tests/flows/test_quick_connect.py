"""Signing in to Jellyfin by a code that is approved in another app."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.faults import Reset, Status
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .dialog import Dialog, add_account

POLL = "GET /QuickConnect/Connect"


async def shown_code(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> Dialog:
    """Open the dialog up to the code."""
    dialog = await add_account(hass, "jellyfin")
    await dialog.submit(url=jellyfin.url, verify_ssl=True)
    step = await dialog.choose("quick_connect")
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    assert step["progress_action"] == "quick_connect"
    return dialog


def code(dialog: Dialog) -> str:
    """Return the code that is shown."""
    shown: str = dialog.step["description_placeholders"]["code"]
    return shown


async def test_approved(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Whoever approves the code is the account's user."""
    dialog = await shown_code(hass, jellyfin)
    await dialog.look_again()
    assert dialog.step["type"] is FlowResultType.SHOW_PROGRESS
    jellyfin.approve_quick_connect(code(dialog), "Anna")
    step = await dialog.wait()

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["title"] == "Jellyfin (Anna)"
    token = jellyfin.accounts.tokens[step["result"].data["token"]]
    assert token.user is jellyfin.users["Anna"]
    assert token.client.device_id == step["result"].data["device_id"]


async def test_approved_during_an_outage(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """A few questions without an answer do not end the sign-in."""
    dialog = await shown_code(hass, jellyfin)
    jellyfin.faults.add(POLL, Reset())
    jellyfin.faults.add(POLL, Status(503, retry_after="1"))
    jellyfin.approve_quick_connect(code(dialog), "Anna")
    step = await dialog.wait()

    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_server_stays_away(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """A server that is gone is told; a new code works when it is back."""
    dialog = await shown_code(hass, jellyfin)
    jellyfin.faults.add(POLL, Reset(), times=None)
    step = await dialog.wait()
    assert step["step_id"] == "quick_connect_retry"
    assert step["errors"] == {"base": "cannot_connect"}

    jellyfin.faults.clear()
    await dialog.look_again()
    assert dialog.step["step_id"] == "quick_connect_retry"
    await dialog.submit()
    jellyfin.approve_quick_connect(code(dialog), "Anna")
    assert (await dialog.wait())["type"] is FlowResultType.CREATE_ENTRY


async def test_expired(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """A code that nobody approved in time is told as expired; the next one works."""
    dialog = await shown_code(hass, jellyfin)
    first = code(dialog)
    jellyfin.clock.advance(700)
    step = await dialog.wait()
    assert step["errors"] == {"base": "code_expired"}

    await dialog.submit()
    assert code(dialog) != first
    jellyfin.approve_quick_connect(code(dialog), "Root")
    assert (await dialog.wait())["title"] == "Jellyfin (Root)"


async def test_no_code(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """A server that gives no code is told, again when it still gives none, and may be asked again."""
    dialog = await add_account(hass, "jellyfin")
    await dialog.submit(url=jellyfin.url, verify_ssl=True)
    jellyfin.quick_connect.enabled = False
    step = await dialog.choose("quick_connect")
    assert step["step_id"] == "quick_connect_retry"
    assert step["errors"] == {"base": "unknown"}
    step = await dialog.submit()
    assert step["errors"] == {"base": "unknown"}

    jellyfin.quick_connect.enabled = True
    await dialog.submit()
    assert dialog.step["type"] is FlowResultType.SHOW_PROGRESS
    dialog.close()


async def test_closed_window(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Who closes the dialog is not asked after any more."""
    dialog = await shown_code(hass, jellyfin)
    await asyncio.sleep(0.1)
    dialog.close()
    await hass.async_block_till_done()
    jellyfin.traffic.reset()
    await asyncio.sleep(1.2)

    assert jellyfin.traffic.requests(POLL) == 0
