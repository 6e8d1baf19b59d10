"""The steps that add an account on Plex: linked at plex.tv, or with an address and a token by hand."""

from typing import Any, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from .const import CONF_USER_ID, CONF_USER_NAME
from .flow_errors import AT_ADDRESS, INVALID_AUTH, form_errors
from .flow_plex_link import PlexLinkFlow
from .form_fields import secret
from .server_address import ServerAddress
from .servers.plex import plex_identify
from .servers.sign_in import ServerUser, SignedIn
from .sync.media_server import MediaServerError
from .sync.model import ServerType

NAMED_USER = "name:"


class PlexFlow(PlexLinkFlow):
    """The choice between linking and typing, and what is typed."""

    _nobody_names_the_user = False

    @override
    async def async_step_plex(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the ways to sign in; a user whom plex.tv does not know can only be signed in by hand."""
        if (self.expected_user_id or "").startswith(NAMED_USER):
            return await self.async_step_plex_manual()
        return self.async_show_menu(step_id="plex", menu_options=["plex_link", "plex_manual"])

    async def async_step_plex_manual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the address and a token, and for the user's name where nobody else tells it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            token = user_input[CONF_TOKEN].strip()
            try:
                self.address = ServerAddress.from_data(user_input)
                user = await self._async_user_of(token, user_input.get(CONF_USER_NAME, "").strip())
                if user is not None:
                    return await self.async_finish_plex(SignedIn(token, user))
            except MediaServerError as error:
                errors = form_errors(error, {**AT_ADDRESS, INVALID_AUTH: CONF_TOKEN})
            else:
                self._nobody_names_the_user = True
                errors = {CONF_USER_NAME: "user_unknown"}
        schema = (await self.async_address_schema(ServerType.PLEX)).extend({vol.Required(CONF_TOKEN): secret()})
        if self._nobody_names_the_user:
            schema = schema.extend({vol.Required(CONF_USER_NAME): TextSelector()})
        return self.async_show_form(
            step_id="plex_manual",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self.suggested_address),
            errors=errors,
        )

    async def _async_user_of(self, token: str, typed_name: str) -> ServerUser | None:
        """Return whose token it is: the server knows, else plex.tv, else whoever typed it; None: nobody does."""
        _, user = await plex_identify(self.address.url, token, self.address.verify_ssl, self.device_id)
        if user is not None:
            return user
        try:
            return await self.plex_tv.user(token)
        except MediaServerError:
            return self._named_user(typed_name)

    def _named_user(self, typed_name: str) -> ServerUser | None:
        """Return the user by the name that was typed now or, for an account that exists, when it was added."""
        entry = self.existing_entry
        if entry is not None and entry.data[CONF_USER_ID].startswith(NAMED_USER):
            return ServerUser(entry.data[CONF_USER_ID], entry.data[CONF_USER_NAME])
        return ServerUser(f"{NAMED_USER}{typed_name}", typed_name) if typed_name else None
