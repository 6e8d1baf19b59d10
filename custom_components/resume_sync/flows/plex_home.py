"""The steps that ask whose progress on a Plex server it is: one member of a Plex Home, or several."""

import asyncio
import os
from typing import Any
from uuid import uuid4

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import SelectSelector
import voluptuous as vol

from ..const import PLEX_TV_URL, PLEX_TV_VARIABLE
from ..labels import OutsideText, placeholders
from ..servers.plex.plex_tv import PlexHomeUser, PlexTv
from ..servers.plex.resources import PlexResource
from ..servers.plex.server import PlexServer
from ..servers.sign_in import ServerInfo, ServerUser, SignedIn
from ..sync.media_server import InvalidAuth, MediaServerError, NotAllowed
from .account import NewAccount
from .errors import INVALID_AUTH, error_key, form_errors
from .form_fields import UserSelector, choice, chosen_users, secret
from .household import NOBODY_CHOSEN, NOBODY_LEFT, HouseholdFlow

CONF_USER = "user"
CONF_PIN = "pin"

NO_ACCESS = "no_access"
NO_PIN = "no_pin"
OWNER_ID = "1"
"""The id that every Plex Media Server uses for its owner."""


class PlexHomeFlow(HouseholdFlow):
    """Every user is switched to, so that each has a token of their own; the linked one's never stands in for it."""

    _linked_token: str
    _linked_user: ServerUser
    _resource: PlexResource
    _home_users: dict[str, PlexHomeUser]
    _tokens: dict[str, str]
    _protected: list[PlexHomeUser]

    @property
    def plex_tv(self) -> PlexTv:
        """The plex.tv that this account signs in at."""
        base_url = os.environ.get(PLEX_TV_VARIABLE, PLEX_TV_URL)
        return PlexTv(self.session(), client_id=self.device_id, base_url=base_url)

    async def async_step_plex_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whose progress it is, and for the PIN of a protected user."""
        errors: dict[str, str] = {}
        if user_input is not None:
            users = [self._home_users[user_id] for user_id in chosen_users(user_input[CONF_USER])]
            if len(users) > 1:
                return await self._async_switch_all(users, user_input.get(CONF_PIN))
            errors = {CONF_USER: NOBODY_CHOSEN}
            for user in users:
                try:
                    return await self.async_use(await self._async_switch(user, user_input.get(CONF_PIN)), user)
                except NotAllowed:
                    errors = {CONF_USER: NO_ACCESS}
                except MediaServerError as error:
                    errors = form_errors(error, {INVALID_AUTH: CONF_PIN if user.needs_pin else CONF_USER})
        return self._show_plex_user(user_input, errors)

    def _show_plex_user(self, user_input: dict[str, Any] | None, errors: dict[str, str]) -> ConfigFlowResult:
        """Show the members of the Home who have no account yet."""
        names = {user_id: user.name for user_id, user in self._home_users.items()}
        schema = vol.Schema({vol.Required(CONF_USER): self._user_field(names), vol.Optional(CONF_PIN): secret()})
        if not self._offered(names):
            errors = errors or {CONF_USER: NOBODY_LEFT}
        return self.async_show_form(
            step_id="plex_user",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self._suggested_user(names)),
            errors=errors,
            description_placeholders=placeholders({"server": OutsideText(self._resource.name)}),
        )

    def _user_field(self, names: dict[str, str]) -> SelectSelector:
        """Return the choice of users: of one for an account that is signed in again."""
        if self.existing_entry is not None:
            return SelectSelector(choice(names))
        return UserSelector(self._offered(names) or names, names)

    def _offered(self, names: dict[str, str]) -> dict[str, str]:
        """Return the users who have no account yet, by their ids at plex.tv."""
        owner_id = self._linked_user.user_id if self._resource.owned else None
        there = {OWNER_ID if user_id == owner_id else user_id: name for user_id, name in names.items()}
        offered = self.users_to_offer(self._resource.server_id, there)
        return {owner_id if owner_id and user_id == OWNER_ID else user_id: name for user_id, name in offered.items()}

    def _suggested_user(self, names: dict[str, str]) -> dict[str, Any]:
        """Return the user of the account that is signed in again, else the one who linked."""
        expected = self.expected_user_id
        user_id = expected if expected in self._home_users else self._linked_user.user_id
        return {CONF_USER: user_id if user_id in self._offered(names) else []}

    async def _async_switch(self, user: PlexHomeUser, pin: str | None) -> str:
        """Return the account token of a user of the Home; the linked one needs no PIN."""
        if user.user_id == self._linked_user.user_id:
            return self._linked_token
        return await self.plex_tv.switch_user(self._linked_token, user.uuid, pin)

    async def async_use(self, token: str, user: PlexHomeUser | ServerUser) -> ConfigFlowResult:
        """Finish with the token that this user has on the chosen server; raises NotAllowed where there is none."""
        return await self.async_finish_plex(await self._async_on_server(token, user), self._resource.server_id)

    async def _async_on_server(self, token: str, user: PlexHomeUser | ServerUser) -> SignedIn:
        """Return a user's own sign-in to the chosen server; raises NotAllowed where it is not shared with them."""
        servers = await self.plex_tv.servers(token)
        server = next((server for server in servers if server.server_id == self._resource.server_id), None)
        if server is None:
            raise NotAllowed("The server is not shared with this user")
        return SignedIn(server.access_token, ServerUser(OWNER_ID if server.owned else user.user_id, user.name))

    async def async_finish_plex(self, signed_in: SignedIn, server_id: str | None = None) -> ConfigFlowResult:
        """Finish once the server itself has accepted the token for this user."""
        server = await self._async_verify(signed_in, server_id, self.device_id)
        return await self.async_finish(server, signed_in)

    async def _async_verify(self, signed_in: SignedIn, server_id: str | None, device_id: str) -> ServerInfo:
        """Return the server once it has accepted the token for this user."""
        server = PlexServer(
            url=self.address.url,
            token=signed_in.token,
            user_id=signed_in.user.user_id,
            user_name=signed_in.user.name,
            device_id=device_id,
            server_id=server_id,
            verify_ssl=self.address.verify_ssl,
        )
        try:
            return await server.verify()
        finally:
            await server.close()

    async def _async_switch_all(self, users: list[PlexHomeUser], pin: str | None) -> ConfigFlowResult:
        """Switch to several users, then ask for the PINs that are needed; one that was given is the only one's."""
        protected = [user for user in users if user.needs_pin and user.user_id != self._linked_user.user_id]
        pins = {protected[0].user_id: pin} if len(protected) == 1 else {}
        self._tokens, self._left_out, self._protected = {}, {}, []
        for user in users:
            try:
                self._tokens[user.user_id] = await self._async_switch(user, pins.get(user.user_id))
            except InvalidAuth as error:
                if user.needs_pin:
                    self._protected.append(user)
                else:
                    self._left_out[user.name] = error_key(error)
            except MediaServerError as error:
                self._left_out[user.name] = error_key(error)
        return await self.async_step_plex_pin()

    async def async_step_plex_pin(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask one protected user after the other for their PIN; who gives none is left out."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user = self._protected[0]
            try:
                if pin := user_input.get(CONF_PIN):
                    self._tokens[user.user_id] = await self._async_switch(user, pin)
                else:
                    self._left_out[user.name] = NO_PIN
            except MediaServerError as error:
                errors = form_errors(error, {INVALID_AUTH: CONF_PIN})
            else:
                del self._protected[0]
        if not self._protected:
            return await self._async_add_all()
        return self.async_show_form(
            step_id="plex_pin",
            data_schema=vol.Schema({vol.Optional(CONF_PIN): secret()}),
            errors=errors,
            description_placeholders=placeholders({"user": OutsideText(self._protected[0].name)}),
        )

    async def _async_add_all(self) -> ConfigFlowResult:
        """Add everybody whom the server accepts with their own token."""
        users = [user for user in self._home_users.values() if user.user_id in self._tokens]
        signed_in = await asyncio.gather(*(self._async_sign_in(user) for user in users))
        accounts = [account for account in signed_in if account is not None]
        if accounts:
            return await self.async_add_household(accounts, self._left_out)
        return self._show_plex_user(None, {CONF_USER: next(iter(self._left_out.values()))})

    async def _async_sign_in(self, user: PlexHomeUser) -> NewAccount | None:
        """Return a user's account on the server; None, and a note why, where the server does not accept them."""
        try:
            signed_in = await self._async_on_server(self._tokens[user.user_id], user)
            device_id = str(uuid4())
            server = await self._async_verify(signed_in, self._resource.server_id, device_id)
        except NotAllowed:
            self._left_out[user.name] = NO_ACCESS
        except MediaServerError as error:
            self._left_out[user.name] = error_key(error)
        else:
            return NewAccount(server, signed_in, self.address, device_id)
        return None
