"""The steps that add an account on Plex by linking a plex.tv account."""

import asyncio
import os
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import SelectSelector
import voluptuous as vol

from .const import CONF_SERVER_ID, PLEX_TV_URL, PLEX_TV_VARIABLE
from .flow_errors import CANNOT_CONNECT, INVALID_AUTH, UNSUPPORTED_VERSION, code_errors, form_errors
from .flow_found_servers import FoundServersFlow
from .form_fields import choice, secret
from .server_address import ServerAddress
from .servers.plex import PlexServer
from .servers.plex_tv import PlexHomeUser, PlexPin, PlexResource, PlexTv, reachable_url
from .servers.sign_in import ServerUser, SignedIn
from .sign_in_approval import wait_for_approval
from .sync.media_server import MediaServerError, NotAllowed

CONF_SERVER = "server"
CONF_USER = "user"
CONF_PIN = "pin"

LINK_URL = "https://plex.tv/link"
OWNER_ID = "1"
"""The id that every Plex Media Server uses for its owner."""


class PlexLinkFlow(FoundServersFlow):
    """A code to enter on plex.tv, then a server and a user of the Plex Home where there is a choice."""

    _pin: PlexPin
    _link_approval: asyncio.Task[None] | None = None
    _link_outcome: str | MediaServerError
    _linked_token: str
    _linked_user: ServerUser
    _resources: dict[str, PlexResource]
    _resource: PlexResource
    _home_users: dict[str, PlexHomeUser]

    @property
    def plex_tv(self) -> PlexTv:
        """The plex.tv that this account signs in at."""
        base_url = os.environ.get(PLEX_TV_VARIABLE, PLEX_TV_URL)
        return PlexTv(self.session(), client_id=self.device_id, base_url=base_url)

    async def async_step_plex_link(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show a code until it has been entered on plex.tv."""
        if self._link_approval is None:
            plex_tv = self.plex_tv
            try:
                self._pin = await plex_tv.start_pin()
            except MediaServerError as error:
                return self._show_plex_link_retry(code_errors(error))
            self._link_approval = self.hass.async_create_background_task(
                self._async_wait_for_link(plex_tv, self._pin), "Plex link approval"
            )
        elif self._link_approval.done():
            self._link_approval = None
            return self.async_show_progress_done(next_step_id="plex_link_done")
        return self.async_show_progress(
            step_id="plex_link",
            progress_action="plex_link",
            description_placeholders={"url": LINK_URL, "code": self._pin.code},
            progress_task=self._link_approval,
        )

    async def _async_wait_for_link(self, plex_tv: PlexTv, pin: PlexPin) -> None:
        """Note the token of the account that was linked, or why none was."""
        try:
            self._link_outcome = await wait_for_approval(lambda: plex_tv.check_pin(pin.pin_id))
        except MediaServerError as error:
            self._link_outcome = error

    async def async_step_plex_link_done(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask plex.tv for the servers and the Home users of the linked account, or offer a new code."""
        if isinstance(self._link_outcome, MediaServerError):
            return self._show_plex_link_retry(code_errors(self._link_outcome))
        self._linked_token = self._link_outcome
        plex_tv = self.plex_tv
        try:
            self._linked_user = await plex_tv.user(self._linked_token)
            servers = await plex_tv.servers(self._linked_token)
            home_users = await plex_tv.home_users(self._linked_token)
        except MediaServerError as error:
            return self._show_plex_link_retry(form_errors(error, {}))
        self._resources = {server.server_id: server for server in servers if self._is_expected_server(server)}
        self._home_users = {user.user_id: user for user in home_users}
        if not self._resources:
            return self.async_abort(reason="no_servers" if self.existing_entry is None else "unique_id_mismatch")
        if len(self._resources) == 1:
            return await self.async_step_plex_server({CONF_SERVER: next(iter(self._resources))})
        return await self.async_step_plex_server()

    async def async_step_plex_link_retry(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a new code."""
        if user_input is not None:
            return await self.async_step_plex_link()
        return self._show_plex_link_retry({})

    def _show_plex_link_retry(self, errors: dict[str, str]) -> ConfigFlowResult:
        """Say what became of the last code, and offer a new one."""
        return self.async_show_form(step_id="plex_link_retry", data_schema=vol.Schema({}), errors=errors)

    async def async_step_plex_server(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for one of the account's servers, and find an address at which it answers."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._resource = self._resources[user_input[CONF_SERVER]]
            try:
                await self._async_reach_server()
                if not self._has_user_choice:
                    return await self._async_use(self._linked_token, self._linked_user)
            except MediaServerError as error:
                at_server = dict.fromkeys((CANNOT_CONNECT, UNSUPPORTED_VERSION, INVALID_AUTH), CONF_SERVER)
                errors = form_errors(error, at_server)
            else:
                return await self.async_step_plex_user()
        labels = {server_id: server.name for server_id, server in self._resources.items()}
        schema = vol.Schema({vol.Required(CONF_SERVER): SelectSelector(choice(labels))})
        return self.async_show_form(
            step_id="plex_server",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self._suggested_server),
            errors=errors,
        )

    @property
    def _suggested_server(self) -> dict[str, Any] | None:
        """The server that was found in the network and has started this flow."""
        found = self.discovered
        return {CONF_SERVER: found.server_id} if found and found.server_id in self._resources else None

    async def _async_reach_server(self) -> None:
        """Find the address of a new account's server; an account that exists keeps its own."""
        if self.existing_entry is None:
            url = await reachable_url(self.session(), self._resource)
            self.address = ServerAddress(url, verify_ssl=True)

    @property
    def _has_user_choice(self) -> bool:
        """Tell whether another user than the linked one may be meant."""
        linked_id = OWNER_ID if self._resource.owned else self._linked_user.user_id
        return len(self._home_users) > 1 and self.expected_user_id != linked_id

    def _is_expected_server(self, server: PlexResource) -> bool:
        """Tell whether a server may be the account's: any, for a new account."""
        entry = self.existing_entry
        return entry is None or entry.data[CONF_SERVER_ID] == server.server_id

    async def async_step_plex_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whose progress it is, and for the PIN of a protected user."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user = self._home_users[user_input[CONF_USER]]
            try:
                token = await self._async_switch(user, user_input.get(CONF_PIN))
                return await self._async_use(token, ServerUser(user.user_id, user.name))
            except NotAllowed:
                errors = {CONF_USER: "no_access"}
            except MediaServerError as error:
                errors = form_errors(error, {INVALID_AUTH: CONF_PIN if user.needs_pin else CONF_USER})
        labels = {user_id: user.name for user_id, user in self._home_users.items()}
        schema = vol.Schema({vol.Required(CONF_USER): SelectSelector(choice(labels)), vol.Optional(CONF_PIN): secret()})
        suggested = user_input or {CONF_USER: self._suggested_user_id}
        return self.async_show_form(
            step_id="plex_user",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={"server": self._resource.name},
        )

    @property
    def _suggested_user_id(self) -> str:
        """The user of the account that is signed in again, else the one who linked."""
        expected = self.expected_user_id
        return expected if expected in self._home_users else self._linked_user.user_id

    async def _async_switch(self, user: PlexHomeUser, pin: str | None) -> str:
        """Return the account token of a user of the Home; the linked one needs no PIN."""
        if user.user_id == self._linked_user.user_id:
            return self._linked_token
        return await self.plex_tv.switch_user(self._linked_token, user.uuid, pin)

    async def _async_use(self, token: str, user: ServerUser) -> ConfigFlowResult:
        """Finish with the token that this user has on the chosen server; raises NotAllowed where there is none."""
        servers = await self.plex_tv.servers(token)
        server = next((server for server in servers if server.server_id == self._resource.server_id), None)
        if server is None:
            raise NotAllowed("The server is not shared with this user")
        user_on_server = ServerUser(OWNER_ID if server.owned else user.user_id, user.name)
        return await self.async_finish_plex(SignedIn(server.access_token, user_on_server), server.server_id)

    async def async_finish_plex(self, signed_in: SignedIn, server_id: str | None = None) -> ConfigFlowResult:
        """Finish once the server itself has accepted the token for this user."""
        server = PlexServer(
            url=self.address.url,
            token=signed_in.token,
            user_id=signed_in.user.user_id,
            user_name=signed_in.user.name,
            device_id=self.device_id,
            server_id=server_id,
            verify_ssl=self.address.verify_ssl,
        )
        try:
            server_info = await server.verify()
        finally:
            await server.close()
        return await self.async_finish(server_info, signed_in)
