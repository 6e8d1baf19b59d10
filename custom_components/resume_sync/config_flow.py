"""How accounts are added, signed in again and moved; pairs have a flow of their own."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from .account.address import ServerAddress, async_ask_at
from .account.client import create_client
from .const import CONF_SERVER_ID, CONF_SERVER_NAME, DOMAIN, SUBENTRY_TYPE_PAIR
from .flows.account import ADDRESS_SCHEMA, SOURCE_HOUSEHOLD
from .flows.errors import AT_ADDRESS, account_errors
from .flows.mediabrowser import MediaBrowserFlow
from .flows.options import AccountOptionsFlow
from .flows.pair import PairFlow
from .flows.pair_form import CONF_ALSO, pair_key
from .flows.pair_partners import pairs_of_namesakes
from .flows.plex import PlexFlow
from .flows.server_names import known_name
from .labels import OutsideText, placeholders
from .sync.media_server import AnotherServer, InvalidAuth, MediaServerError
from .sync.model import ServerType

CONF_SIGN_IN_AGAIN = "sign_in_again"

RECONFIGURE_SCHEMA = ADDRESS_SCHEMA.extend({vol.Required(CONF_SIGN_IN_AGAIN, default=False): BooleanSelector()})


class ResumeSyncConfigFlow(PlexFlow, MediaBrowserFlow, domain=DOMAIN):
    """The flow of an account: choose the kind of server, say where it is, sign in."""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flow of pairs, which every account can hold."""
        return {SUBENTRY_TYPE_PAIR: PairFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> AccountOptionsFlow:
        """Return the flow of an account's options."""
        return AccountOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which kind of server the account is on, and meanwhile look for servers."""
        self.look_for_servers()
        return self.async_show_menu(step_id="user", menu_options=[server_type.value for server_type in ServerType])

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Add the others who were chosen, then go on with pairs of the same people."""
        if self.source == SOURCE_HOUSEHOLD:
            return result
        entry = result["result"]
        self.end_discoveries(entry.data[CONF_SERVER_ID])
        others = await self.async_add_others()
        possible = pairs_of_namesakes(self.hass, entry)
        namesakes = [pair_key(*pair) for pair in possible] if others else []
        if namesakes or any(one is entry for one, _ in possible):
            pair = await self.hass.config_entries.subentries.async_init(
                (entry.entry_id, SUBENTRY_TYPE_PAIR),
                context=SubentryFlowContext(source=SOURCE_USER),
                data={CONF_ALSO: namesakes},
            )
            if pair["type"] is FlowResultType.FORM:
                result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, pair["flow_id"])
        return result

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Start to sign in again: the server refuses the account's token."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what has happened, then offer the ways to sign in."""
        errors: dict[str, str] = {}
        entry = self._get_reauth_entry()
        if user_input is not None:
            try:
                return await self._async_sign_in_at(entry, ServerAddress.from_data(entry.data))
            except MediaServerError as error:
                errors = account_errors(error, {})
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders=placeholders(
                {"server": OutsideText(entry.data[CONF_SERVER_NAME]), "name": OutsideText(entry.title)}
            ),
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let an account follow its server to another address, or sign in anew."""
        errors: dict[str, str] = {}
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            try:
                go_on = self._async_sign_in_at if user_input[CONF_SIGN_IN_AGAIN] else self._async_move
                return await async_ask_at(user_input, lambda address: go_on(entry, address))
            except MediaServerError as error:
                errors = account_errors(error, AT_ADDRESS)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(RECONFIGURE_SCHEMA, user_input or entry.data),
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(entry.data[CONF_SERVER_NAME])}),
        )

    async def _async_move(self, entry: ConfigEntry, address: ServerAddress) -> ConfigFlowResult:
        """Keep the account's token where it is still accepted, else let it be signed in at the new address."""
        moved = {CONF_URL: address.url, CONF_VERIFY_SSL: address.verify_ssl}
        client = create_client(self.hass, {**entry.data, **moved})
        try:
            server = await client.verify()
        except InvalidAuth:
            return await self._async_sign_in_at(entry, address)
        finally:
            await client.close()
        name = known_name(self.hass, server) or entry.data[CONF_SERVER_NAME]
        return self.async_update(entry, {**moved, CONF_SERVER_NAME: name})

    async def _async_sign_in_at(self, entry: ConfigEntry, address: ServerAddress) -> ConfigFlowResult:
        """Offer the ways to sign in that an account's server has; raises AnotherServer."""
        server_type = ServerType(entry.data[CONF_TYPE])
        if server_type is ServerType.PLEX:
            self.address = address
            return await self.async_step_plex()
        server = await self.async_open(server_type, address)
        if server.server_id != entry.data[CONF_SERVER_ID]:
            raise AnotherServer("Another server answers at this address")
        return await self.async_step_sign_in()
