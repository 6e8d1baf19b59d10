"""Going through the dialogs of pairs."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .dialog import Dialog, reconfigure_pair

GUARDRAILS = {"min_seconds": 60, "delta_seconds": 30, "max_percent": 95}
RULES: dict[str, Any] = {"add": True, "remove": "off", "guardrails": GUARDRAILS}
FLAT = {"add": True, "remove": "off", **GUARDRAILS}


def pairs(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the pairs of an account."""
    return list(entry.get_subentries_of_type("pair"))


async def at_preview(dialog: Dialog, peer: ConfigEntry, direction: str = "two_way", **rules: Any) -> Dialog:
    """Go through the dialog up to the preview."""
    assert dialog.step["step_id"] == "user"
    await dialog.submit(peer=peer.unique_id, direction=direction)
    assert dialog.step["step_id"] == "rules"
    step = await dialog.submit(**{**RULES, **rules})
    if step["type"] is FlowResultType.SHOW_PROGRESS:
        await dialog.wait()
    assert dialog.step["step_id"] == "preview"
    return dialog


async def changed(
    hass: HomeAssistant, entry: ConfigEntry, pair: ConfigSubentry, direction: str, **rules: Any
) -> Dialog:
    """Go through the dialog that changes a pair, up to the preview."""
    dialog = await reconfigure_pair(hass, entry, pair.subentry_id)
    assert dialog.step["step_id"] == "reconfigure"
    await dialog.submit(direction=direction)
    assert dialog.step["step_id"] == "rules"
    step = await dialog.submit(**{**RULES, **rules})
    if step["type"] is FlowResultType.SHOW_PROGRESS:
        await dialog.wait()
    return dialog
