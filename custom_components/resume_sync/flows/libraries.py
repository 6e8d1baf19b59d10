"""The options of an account: the libraries that it is limited to."""

from collections.abc import Sequence
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode
import voluptuous as vol

from ..account.client import create_client
from ..const import CONF_LIBRARIES
from ..servers.sign_in import Library
from ..sync.media_server import MediaServerError
from .errors import form_errors

LIBRARY_GONE = "library_gone"


class LibrariesFlow(OptionsFlowWithReload):
    """Which libraries are synced; none chosen means all."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask the server for its libraries, and which of them to sync; where it does not answer, ask again."""
        if user_input is not None and CONF_LIBRARIES in user_input:
            # An entry that is set up reloads by its own update listener; one whose set-up failed has none.
            self.automatic_reload = not self.config_entry.update_listeners
            return self.async_create_entry(data={CONF_LIBRARIES: user_input[CONF_LIBRARIES]})
        fields: dict[vol.Marker, SelectSelector] = {}
        errors: dict[str, str] = {}
        try:
            libraries = await self._async_libraries()
        except MediaServerError as error:
            errors = form_errors(error, {})
        else:
            there = {library.library_id for library in libraries}
            chosen = self.config_entry.options.get(CONF_LIBRARIES, [])
            suggested = [library_id for library_id in chosen if library_id in there]
            marker = vol.Optional(CONF_LIBRARIES, default=[], description={"suggested_value": suggested})
            fields[marker] = SelectSelector(_choices(libraries))
            if len(suggested) < len(chosen):
                errors = {"base": LIBRARY_GONE}
        return self.async_show_form(
            step_id="init",
            data_schema=vol.Schema(fields),
            errors=errors,
            description_placeholders={"account": self.config_entry.title},
        )

    async def _async_libraries(self) -> Sequence[Library]:
        """Return the libraries that the account's user sees; raises MediaServerError."""
        client = create_client(self.hass, self.config_entry.data)
        try:
            return await client.libraries()
        finally:
            await client.close()


def _choices(libraries: Sequence[Library]) -> SelectSelectorConfig:
    """Return a choice of several libraries by name."""
    return SelectSelectorConfig(
        options=[SelectOptionDict(value=library.library_id, label=library.name) for library in libraries],
        multiple=True,
        mode=SelectSelectorMode.LIST,
    )
