"""The steps that link a plex.tv account and find its server."""

import asyncio
from typing import Any, override
from urllib.parse import urlencode

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import SelectSelector
import voluptuous as vol
from yarl import URL

from ..account.address import ServerAddress
from ..const import CONF_SERVER_ID
from ..labels import OutsideText, markdown, placeholders
from ..servers.plex.http_session import PRODUCT
from ..servers.plex.plex_tv import PlexPin, PlexTv
from ..servers.plex.resources import PlexResource, reachable_url
from ..sync.media_server import MediaServerError
from .errors import AT_ADDRESS, INVALID_AUTH, code_errors, form_errors
from .form_fields import choice
from .plex_home import OWNER_ID, PlexHomeFlow
from .sign_in_approval import wait_for_approval

CONF_SERVER = "server"

SIGN_IN_PAGE = "https://app.plex.tv/auth"
LINK_URL = markdown(t"https://plex.tv/link")


class PlexLinkFlow(PlexHomeFlow):
    """A sign-in on the page of plex.tv or with a code, then a server where there is a choice."""

    _pin: PlexPin
    _with_code = False
    _link_approval: asyncio.Task[None] | None = None
    _link_outcome: str | MediaServerError
    _resources: dict[str, PlexResource]

    async def async_step_plex_link(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Open the page of plex.tv to sign in there, and go on by itself."""
        if self._link_approval is None:
            try:
                approval = await self._async_start_link(with_code=False)
            except MediaServerError as error:
                return self._show_plex_link_retry(code_errors(error))
            approval.add_done_callback(self._go_on)
        elif self._link_approval.done():
            self._link_approval = None
            return self.async_external_step_done(next_step_id="plex_link_done")
        page = URL(SIGN_IN_PAGE).with_fragment(
            "?" + urlencode({"clientID": self.device_id, "code": self._pin.code, "context[device][product]": PRODUCT})
        )
        return self.async_external_step(step_id="plex_link", url=str(page))

    @callback
    def _go_on(self, approval: asyncio.Task[None]) -> None:
        """Let the dialog go on, unless it was closed."""
        if not approval.cancelled():
            self.hass.async_create_task(self.hass.config_entries.flow.async_configure(self.flow_id))

    async def _async_start_link(self, *, with_code: bool) -> asyncio.Task[None]:
        """Ask plex.tv for a code, and wait until somebody has signed in with it."""
        plex_tv = self.plex_tv
        self._pin = await plex_tv.start_pin(strong=not with_code)
        self._with_code = with_code
        self._link_approval = self.hass.async_create_background_task(
            self._async_wait_for_link(plex_tv, self._pin), "Plex link approval"
        )
        return self._link_approval

    @callback
    @override
    def async_remove(self) -> None:
        """Ask no more."""
        super().async_remove()
        if self._link_approval is not None:
            self._link_approval.cancel()

    async def async_step_plex_code(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show a code until it has been entered on plex.tv."""
        if self._link_approval is None:
            try:
                await self._async_start_link(with_code=True)
            except MediaServerError as error:
                self._with_code = True
                return self._show_plex_link_retry(code_errors(error))
        elif self._link_approval.done():
            self._link_approval = None
            return self.async_show_progress_done(next_step_id="plex_link_done")
        return self.async_show_progress(
            step_id="plex_code",
            progress_action="plex_code",
            description_placeholders=placeholders({"url": LINK_URL, "code": OutsideText(self._pin.code)}),
            progress_task=self._link_approval,
        )

    async def _async_wait_for_link(self, plex_tv: PlexTv, pin: PlexPin) -> None:
        """Note the token of the account that was linked, or why none was."""
        try:
            self._link_outcome = await wait_for_approval(
                lambda: plex_tv.check_pin(pin.pin_id), good_for_seconds=pin.good_for_seconds
            )
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
            return await (self.async_step_plex_code() if self._with_code else self.async_step_plex_link())
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
                    return await self.async_use(self._linked_token, self._linked_user)
            except MediaServerError as error:
                at_server = dict.fromkeys((*AT_ADDRESS, INVALID_AUTH), CONF_SERVER)
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
