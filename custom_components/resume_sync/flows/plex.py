"""The steps that add an account on Plex: found in the network, linked at plex.tv, or with a token by hand."""

from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import TextSelector
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol

from ..account.address import ServerAddress
from ..const import CONF_USER_ID, CONF_USER_NAME
from ..labels import OutsideText, placeholders
from ..servers.discovery import DiscoveredServer
from ..servers.plain_text import plain_text
from ..servers.plex.resources import identity_at
from ..servers.plex.sign_in import plex_identify
from ..servers.sign_in import ServerUser, SignedIn
from ..sync.media_server import MediaServerError
from ..sync.model import ServerType
from .errors import AT_ADDRESS, INVALID_AUTH, form_errors
from .form_fields import secret
from .found_servers import SERVER
from .plex_link import PlexLinkFlow
from .rediscovery import accounts_on, passing_session

NAMED_USER = "name:"
PLEX_PORT = 32400


class PlexFlow(PlexLinkFlow):
    """The choice between linking and typing, and what is typed."""

    _nobody_names_the_user = False

    async def async_step_plex(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the ways to sign in; a user whom plex.tv does not know can only be signed in by hand."""
        if (self.expected_user_id or "").startswith(NAMED_USER):
            return await self.async_step_plex_manual()
        return self.async_show_menu(step_id="plex", menu_options=["plex_link", "plex_code", "plex_manual"])

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Take note of a Plex Media Server in the network: its accounts follow it, or one is offered to be added."""
        server_id = await self._async_identify(discovery_info)
        if server_id is None:
            return self.async_abort(reason="cannot_connect")
        name = plain_text(discovery_info.name.partition("._")[0]) or "Plex Media Server"
        self.discovered = DiscoveredServer(ServerType.PLEX, server_id, name, self.address.url)
        await self.async_set_unique_id(server_id)
        self._abort_if_unique_id_configured()
        if accounts_on(self.hass, ServerType.PLEX, server_id):
            return await self.async_ask_whether_moved(self.discovered)
        self.context["title_placeholders"] = {"name": name}
        return await self.async_step_zeroconf_confirm()

    async def async_step_zeroconf_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether an account on the server that was found is to be added."""
        if user_input is not None:
            return await self.async_step_plex()
        self._set_confirm_only()
        name = self.discovered.name if self.discovered else ""
        return self.async_show_form(
            step_id="zeroconf_confirm",
            data_schema=vol.Schema({}),
            description_placeholders=placeholders({"server": OutsideText(name)}),
        )

    async def _async_identify(self, discovery_info: ZeroconfServiceInfo) -> str | None:
        """Return the id of the server behind an announcement and note its address; None where no Plex answers."""
        host = discovery_info.host
        authority = f"{f'[{host}]' if ':' in host else host}:{discovery_info.port or PLEX_PORT}"
        # A server's certificate is never valid for an address like this.
        async with passing_session(self.hass, verify_ssl=False) as session:
            for scheme in ("http", "https"):
                self.address = ServerAddress(f"{scheme}://{authority}", verify_ssl=scheme == "http")
                if (server_id := await identity_at(session, self.address.url, verify_ssl=False)) is not None:
                    return server_id
        return None

    async def async_step_plex_manual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the address and a token, and for the user's name where nobody else tells it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if self.goes_on(user_input):
                return await self.async_go_on(user_input)
            self.typed_address = {
                key: user_input[key] for key in (SERVER, CONF_URL, CONF_VERIFY_SSL) if key in user_input
            }
            token = user_input[CONF_TOKEN].strip()
            name = user_input.get(CONF_USER_NAME, "").strip()
            try:
                user = await self.async_ask_for(
                    ServerType.PLEX, user_input, lambda address: self._async_user_of(address, token, name)
                )
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
            description_placeholders=placeholders(self.answering_kind()),
        )

    async def _async_user_of(self, address: ServerAddress, token: str, typed_name: str) -> ServerUser | None:
        """Return whose token it is: the server knows, else plex.tv, else whoever typed it; None: nobody does."""
        self.address = address
        _, user = await plex_identify(address.url, token, address.verify_ssl, self.device_id)
        if user is not None and user.name:
            return user
        try:
            known: ServerUser | None = await self.plex_tv.user(token)
        except MediaServerError:
            known = self._named_user(typed_name)
        if user is None or known is None:
            return known
        return replace(user, name=known.name)

    def _named_user(self, typed_name: str) -> ServerUser | None:
        """Return the user by the name that was typed now or, for an account that exists, when it was added."""
        entry = self.existing_entry
        if entry is not None and entry.data[CONF_USER_ID].startswith(NAMED_USER):
            return ServerUser(entry.data[CONF_USER_ID], entry.data[CONF_USER_NAME])
        return ServerUser(f"{NAMED_USER}{typed_name}", typed_name) if typed_name else None
