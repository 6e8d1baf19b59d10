"""The steps that add an account on Jellyfin or Emby."""

import asyncio
from typing import Any
from uuid import uuid4

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_API_KEY, CONF_PASSWORD, CONF_USERNAME
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig
import voluptuous as vol

from ..account.address import ServerAddress
from ..const import CONF_USER_ID, CONF_USER_NAME
from ..labels import OutsideText, placeholders
from ..servers.mediabrowser.emby import EmbySignIn
from ..servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn, QuickConnect
from ..servers.sign_in import ServerInfo, ServerUser, SignedIn
from ..sync.media_server import MediaServerError, NotAllowed, UnknownUser
from ..sync.model import ServerType
from .account import NewAccount
from .errors import AT_ADDRESS, INVALID_AUTH, UNKNOWN_USER, USER_DISABLED, code_errors, form_errors
from .form_fields import UserSelector, chosen_users, secret
from .household import NOBODY_CHOSEN, NOBODY_LEFT, HouseholdFlow
from .sign_in_approval import wait_for_approval

PASSWORD_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        vol.Optional(CONF_PASSWORD, default=""): secret("current-password"),
    }
)
API_KEY_SCHEMA = vol.Schema({vol.Required(CONF_API_KEY): secret()})
NOTHING_TO_FILL_IN = vol.Schema({})


class MediaBrowserFlow(HouseholdFlow):
    """Address, then one of the ways to sign in, then for an API key the users."""

    _sign_in: JellyfinSignIn | EmbySignIn
    _server: ServerInfo
    _ways: list[str]
    _api_key: str
    _users: list[ServerUser]
    _quick_connect: JellyfinSignIn
    _code: str
    _quick_connect_approval: asyncio.Task[None] | None = None
    _quick_connect_outcome: SignedIn | MediaServerError

    async def async_step_jellyfin(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the Jellyfin server is."""
        return await self._async_step_address(ServerType.JELLYFIN, user_input)

    async def async_step_emby(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the Emby server is."""
        return await self._async_step_address(ServerType.EMBY, user_input)

    async def _async_step_address(self, server_type: ServerType, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Ask for the address, and believe it only if the right kind of server answers there."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if self.goes_on(user_input):
                return await self.async_go_on(user_input)
            self.typed_address = user_input
            try:
                await self.async_ask_for(server_type, user_input, lambda address: self.async_open(server_type, address))
            except MediaServerError as error:
                errors = form_errors(error, AT_ADDRESS)
            else:
                return await self.async_step_sign_in()
        return self.async_show_form(
            step_id=server_type.value,
            data_schema=await self.async_address_schema(server_type),
            errors=errors,
            description_placeholders=placeholders(self.answering_kind()),
        )

    async def async_open(self, server_type: ServerType, address: ServerAddress) -> ServerInfo:
        """Ask a server who it is and how one can sign in there; raises what `server_info` raises."""
        session = self.session(verify_ssl=address.verify_ssl)
        ways = [CONF_PASSWORD, CONF_API_KEY]
        if server_type is ServerType.JELLYFIN:
            self._sign_in = self._quick_connect = JellyfinSignIn(session, url=address.url, device_id=self.device_id)
            self._server = await self._quick_connect.server_info()
            if await self._quick_connect.quick_connect_enabled():
                ways.insert(0, "quick_connect")
        else:
            self._sign_in = EmbySignIn(session, url=address.url, device_id=self.device_id)
            self._server = await self._sign_in.server_info()
        self.address, self._ways = address, ways
        return self._server

    async def async_step_sign_in(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the ways to sign in that this server has."""
        return self.async_show_menu(
            step_id="sign_in",
            menu_options=self._ways,
            description_placeholders=placeholders({"server": OutsideText(self._server.name)}),
        )

    async def async_step_password(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Sign in with the user's name and password; the password is not kept."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                signed_in = await self._sign_in.with_password(user_input[CONF_USERNAME], user_input[CONF_PASSWORD])
            except UnknownUser:
                errors = {CONF_USERNAME: UNKNOWN_USER}
            except NotAllowed:
                errors = {CONF_USERNAME: USER_DISABLED}
            except MediaServerError as error:
                errors = form_errors(error, {INVALID_AUTH: CONF_PASSWORD})
            else:
                return await self.async_finish(self._server, signed_in)
        elif (entry := self.existing_entry) is not None:
            user_input = {CONF_USERNAME: entry.data[CONF_USER_NAME]}
        return self.async_show_form(
            step_id="password",
            data_schema=self.add_suggested_values_to_schema(PASSWORD_SCHEMA, user_input),
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(self._server.name)}),
        )

    async def async_step_api_key(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Sign in with an API key, which acts for a user that is chosen next."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._api_key = user_input[CONF_API_KEY].strip()
            try:
                users = await self._sign_in.users(self._api_key)
            except MediaServerError as error:
                errors = form_errors(error, {INVALID_AUTH: CONF_API_KEY})
            else:
                return await self._async_choose_user(users)
        return self.async_show_form(
            step_id="api_key",
            data_schema=self.add_suggested_values_to_schema(API_KEY_SCHEMA, user_input),
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(self._server.name)}),
        )

    async def _async_choose_user(self, users: list[ServerUser]) -> ConfigFlowResult:
        """Take the account's own user where there is one already, else let one be chosen."""
        self._users = users
        if self.existing_entry is None:
            return await self.async_step_select_user()
        user = next((user for user in users if user.user_id == self.expected_user_id), None)
        if user is None:
            return self.async_abort(reason="unique_id_mismatch")
        return await self.async_finish(self._server, SignedIn(token=self._api_key, user=user))

    async def async_step_select_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whose progress it is: one user's, or that of several."""
        users = {user.user_id: user for user in self._users}
        names = {user_id: user.name for user_id, user in users.items()}
        offered = self.users_to_offer(self._server.server_id, names)
        errors = {} if offered else {CONF_USER_ID: NOBODY_LEFT}
        if user_input is not None:
            signed_in = [SignedIn(self._api_key, users[user_id]) for user_id in chosen_users(user_input[CONF_USER_ID])]
            if len(signed_in) == 1:
                return await self.async_finish(self._server, signed_in[0])
            if signed_in:
                accounts = [NewAccount(self._server, one, self.address, str(uuid4())) for one in signed_in]
                return await self.async_add_household(accounts, {})
            errors = {CONF_USER_ID: NOBODY_CHOSEN}
        # Without a suggestion the frontend ticks the first user.
        nobody: dict[str, list[str]] = {"suggested_value": []}
        field = vol.Required(CONF_USER_ID, description=nobody if len(offered or names) > 1 else None)
        return self.async_show_form(
            step_id="select_user",
            data_schema=vol.Schema({field: UserSelector(offered or names, names)}),
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(self._server.name)}),
        )

    async def async_step_quick_connect(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show a code until somebody who is signed in to Jellyfin has entered it there."""
        if self._quick_connect_approval is None:
            try:
                code = await self._quick_connect.start_quick_connect()
            except MediaServerError as error:
                return self._show_quick_connect_retry(code_errors(error))
            self._code = code.code
            self._quick_connect_approval = self.hass.async_create_background_task(
                self._async_wait_for_quick_connect(code), "Quick Connect approval"
            )
        elif self._quick_connect_approval.done():
            self._quick_connect_approval = None
            return self.async_show_progress_done(next_step_id="quick_connect_done")
        return self.async_show_progress(
            step_id="quick_connect",
            progress_action="quick_connect",
            description_placeholders=placeholders(
                {"server": OutsideText(self._server.name), "code": OutsideText(self._code)}
            ),
            progress_task=self._quick_connect_approval,
        )

    async def _async_wait_for_quick_connect(self, code: QuickConnect) -> None:
        """Note who approved the code, or why nobody could."""
        try:
            self._quick_connect_outcome = await wait_for_approval(
                lambda: self._quick_connect.finish_quick_connect(code.secret)
            )
        except MediaServerError as error:
            self._quick_connect_outcome = error

    async def async_step_quick_connect_done(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Finish with the user who approved the code, or offer a new one."""
        if isinstance(self._quick_connect_outcome, MediaServerError):
            return self._show_quick_connect_retry(code_errors(self._quick_connect_outcome))
        return await self.async_finish(self._server, self._quick_connect_outcome)

    async def async_step_quick_connect_retry(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a new code."""
        if user_input is not None:
            return await self.async_step_quick_connect()
        return self._show_quick_connect_retry({})

    def _show_quick_connect_retry(self, errors: dict[str, str]) -> ConfigFlowResult:
        """Say what became of the last code, and offer a new one."""
        return self.async_show_form(
            step_id="quick_connect_retry",
            data_schema=NOTHING_TO_FILL_IN,
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(self._server.name)}),
        )
