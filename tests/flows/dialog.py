"""A flow as somebody goes through it in the browser; every step has to have its texts."""

import asyncio
from collections.abc import Mapping
import json
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED, FlowResultType
from homeassistant.helpers import config_validation as cv
import probatio

from custom_components.resume_sync.const import DOMAIN

from .texts import ACCOUNT, OPTIONS, PAIR, problems

PATIENCE_SECONDS = 120


class Dialog:
    """One flow. `step` is what is shown now."""

    def __init__(self, hass: HomeAssistant, texts: tuple[str, ...], first: Mapping[str, Any]) -> None:
        """Take over a flow at a step."""
        entries = hass.config_entries
        managers = {ACCOUNT: entries.flow, PAIR: entries.subentries, OPTIONS: entries.options}
        self._manager: Any = managers[texts]
        self._texts = texts
        self._told = asyncio.Event()
        self.step: Mapping[str, Any] = {}
        self._show(first)
        hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, self._progressed)

    @callback
    def _progressed(self, event: Event) -> None:
        """Take note that the flow has gone on by itself."""
        if event.data["flow_id"] == self.step["flow_id"]:
            self._told.set()

    def _show(self, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """Show a step, which has to have all of its texts, and fields that can be sent to a browser."""
        assert problems(self._texts, step) == []
        if step["type"] is FlowResultType.FORM:
            json.dumps(probatio.to_field_list(step["data_schema"], custom_serializer=cv.custom_serializer))
        self.step = step
        return step

    async def submit(self, **answers: Any) -> Mapping[str, Any]:
        """Answer a form, and return what comes next."""
        assert self.step["type"] is FlowResultType.FORM
        return self._show(await self._manager.async_configure(self.step["flow_id"], answers))

    async def choose(self, option: str) -> Mapping[str, Any]:
        """Choose from a menu, and return what comes next."""
        assert self.step["type"] is FlowResultType.MENU
        return self._show(await self._manager.async_configure(self.step["flow_id"], {"next_step_id": option}))

    async def look_again(self) -> Mapping[str, Any]:
        """Load the step once more, as the browser does when it is told that something has changed."""
        return self._show(await self._manager.async_configure(self.step["flow_id"]))

    async def wait(self) -> Mapping[str, Any]:
        """Return the step after a progress."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._told.wait()
        self._told.clear()
        return await self.look_again()

    def close(self) -> None:
        """Close the window before the end."""
        self._manager.async_abort(self.step["flow_id"])

    def suggested(self, field: str) -> Any:
        """Return what a field of the form is filled with."""
        for marker in self.step["data_schema"].schema:
            if marker == field:
                return (marker.description or {}).get("suggested_value")
        raise KeyError(field)

    def options(self, field: str) -> dict[str, str]:
        """Return the labels of a field's options, by value."""
        options = self.step["data_schema"].schema[field].config["options"]
        return {option["value"]: option["label"] for option in options}


async def add_account(hass: HomeAssistant, server_type: str | None = None) -> Dialog:
    """Open the dialog that adds an account, and choose the kind of server."""
    first = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    dialog = Dialog(hass, ACCOUNT, first)
    if server_type is not None:
        await dialog.choose(server_type)
    return dialog


async def sign_in_again(hass: HomeAssistant, entry: ConfigEntry) -> Dialog:
    """Open the dialog that Home Assistant offers for an account whose token is refused."""
    manager = hass.config_entries.flow
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    flow = next(each for each in manager.async_progress_by_handler(DOMAIN) if each["context"]["source"] == "reauth")
    return Dialog(hass, ACCOUNT, await manager.async_configure(flow["flow_id"]))


async def reconfigure_account(hass: HomeAssistant, entry: ConfigEntry) -> Dialog:
    """Open the dialog that changes an account."""
    manager = hass.config_entries.flow
    context: Any = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    return Dialog(hass, ACCOUNT, await manager.async_init(DOMAIN, context=context))


async def change_options(hass: HomeAssistant, entry: ConfigEntry) -> Dialog:
    """Open the options of an account."""
    return Dialog(hass, OPTIONS, await hass.config_entries.options.async_init(entry.entry_id))


async def add_pair(hass: HomeAssistant, entry: ConfigEntry) -> Dialog:
    """Open the dialog that adds a pair to an account."""
    manager = hass.config_entries.subentries
    first = await manager.async_init((entry.entry_id, "pair"), context={"source": SOURCE_USER})
    return Dialog(hass, PAIR, first)


async def reconfigure_pair(hass: HomeAssistant, entry: ConfigEntry, subentry_id: str) -> Dialog:
    """Open the dialog that changes a pair."""
    manager = hass.config_entries.subentries
    context: Any = {"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id}
    return Dialog(hass, PAIR, await manager.async_init((entry.entry_id, "pair"), context=context))


def go_on(hass: HomeAssistant, step: Mapping[str, Any]) -> Dialog:
    """Return the dialog of the pair that opens by itself after an account was added."""
    flow_type, flow_id = step["next_flow"]
    assert flow_type == "config_subentries_flow"
    first = hass.config_entries.subentries._progress[flow_id].cur_step  # noqa: SLF001
    assert first is not None
    return Dialog(hass, PAIR, first)
