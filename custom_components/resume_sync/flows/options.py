"""The options of an account: whose it is, who may see its titles, and the libraries that it is limited to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..account.client import create_client
from ..account.person import PERSON, namesake, person_entity, person_of_entity
from ..const import CONF_ARTWORK, CONF_LIBRARIES, CONF_PERSON, CONF_PRIVATE, CONF_USER_NAME
from ..labels import OutsideText, placeholders
from ..servers.sign_in import Library
from ..sync.media_server import MediaServerError
from .errors import form_errors

LIBRARY_GONE: Final = "library_gone"
PERSON_GONE: Final = "person_gone"


class AccountOptionsFlow(OptionsFlowWithReload):
    """Whose account it is, whether its titles are private and shown with pictures, and which libraries are synced.

    No library chosen means all.
    """

    _libraries: Sequence[Library] | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the options and store them; where the server does not tell its libraries, these stay as they are."""
        errors: dict[str, str] = {}
        if user_input is not None:
            person = user_input.get(CONF_PERSON)
            person_id = None if person is None else person_of_entity(self.hass, person)
            if person is None or person_id is not None:
                return self._store({**user_input, CONF_PERSON: person_id})
            errors[CONF_PERSON] = PERSON_GONE
        else:
            errors = await self._async_ask()
        schema = vol.Schema(
            {
                vol.Optional(CONF_PERSON): EntitySelector(EntitySelectorConfig(domain=PERSON)),
                vol.Required(CONF_PRIVATE, default=False): BooleanSelector(),
                vol.Required(CONF_ARTWORK, default=True): BooleanSelector(),
            }
        )
        if self._libraries is not None:
            field = SelectSelector(_choices(self._libraries))
            schema = schema.extend({vol.Optional(CONF_LIBRARIES, default=[]): field})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self._suggested()),
            errors=errors,
            description_placeholders=placeholders({"account": OutsideText(self.config_entry.title)}),
        )

    def _store(self, options: Mapping[str, Any]) -> ConfigFlowResult:
        """Store what was chosen; a choice that could not be shown stays."""
        # An entry that is set up reloads by its own update listener; one whose set-up failed has none.
        self.automatic_reload = not self.config_entry.update_listeners
        kept = {**self.config_entry.options, **options}
        return self.async_create_entry(data={key: value for key, value in kept.items() if value is not None})

    async def _async_ask(self) -> dict[str, str]:
        """Ask the server for its libraries, and return what has to be told: why it does not say, or what is gone."""
        person_id = self.config_entry.options.get(CONF_PERSON)
        if person_id is not None and person_entity(self.hass, person_id) is None:
            errors = {CONF_PERSON: PERSON_GONE}
        else:
            errors = {}
        client = create_client(self.hass, self.config_entry.data)
        try:
            self._libraries = await client.libraries()
        except MediaServerError as error:
            return errors | form_errors(error, {})
        finally:
            await client.close()
        chosen = self.config_entry.options.get(CONF_LIBRARIES, [])
        there = {library.library_id for library in self._libraries}
        return errors if there.issuperset(chosen) else errors | {"base": LIBRARY_GONE}

    def _suggested(self) -> dict[str, Any]:
        """Return what is set; before a person was ever asked for, the one who is called as the account's user is."""
        options = self.config_entry.options
        if CONF_PRIVATE in options:
            person = person_entity(self.hass, options.get(CONF_PERSON, ""))
        else:
            person = namesake(self.hass, self.config_entry.data[CONF_USER_NAME])
        there = {library.library_id for library in self._libraries or ()}
        chosen = [library_id for library_id in options.get(CONF_LIBRARIES, []) if library_id in there]
        return {
            CONF_PERSON: person,
            CONF_PRIVATE: options.get(CONF_PRIVATE, False),
            CONF_ARTWORK: options.get(CONF_ARTWORK, True),
            CONF_LIBRARIES: chosen,
        }


def _choices(libraries: Sequence[Library]) -> SelectSelectorConfig:
    """Return a choice of several libraries by name."""
    return SelectSelectorConfig(
        options=[SelectOptionDict(value=library.library_id, label=library.name) for library in libraries],
        multiple=True,
        mode=SelectSelectorMode.LIST,
    )
