"""What every way of adding an account shares: the connection, and the entry at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, override
from uuid import uuid4

from aiohttp import ClientSession, DummyCookieJar
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE, ConfigEntry, ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_TOKEN, CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..account.address import ServerAddress
from ..account.person import namesake, person_of_entity
from ..const import CONF_PERSON, CONF_PRIVATE, CONF_SERVER_ID, CONF_SERVER_NAME, CONF_USER_ID, CONF_USER_NAME
from ..labels import OutsideText, placeholders
from ..servers.plain_text import plain_text
from ..servers.sign_in import ServerInfo, SignedIn
from .server_names import NAME_TAKEN, account_title, is_taken, known_name

ADDRESS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL)),
        vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
    }
)
SERVER_NAME_SCHEMA = vol.Schema({vol.Required(CONF_SERVER_NAME): TextSelector()})
SOURCE_HOUSEHOLD = "household"
"""The source of the flows that add everybody but the first."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody who has signed in to a server, and what the server is to know their client by."""

    server: ServerInfo
    signed_in: SignedIn
    address: ServerAddress
    device_id: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unique_id(self) -> str:
        """What tells this account from all others."""
        return f"{self.server.server_id}_{self.signed_in.user.user_id}"

    @property
    def data(self) -> dict[str, Any]:
        """What the account's entry stores."""
        return {
            CONF_TYPE: self.server.server_type.value,
            CONF_URL: self.address.url,
            CONF_VERIFY_SSL: self.address.verify_ssl,
            CONF_TOKEN: self.signed_in.token,
            CONF_SERVER_ID: self.server.server_id,
            CONF_SERVER_NAME: self.server.name,
            CONF_USER_ID: self.signed_in.user.user_id,
            CONF_USER_NAME: self.signed_in.user.name,
            CONF_DEVICE_ID: self.device_id,
        }


class AccountFlow(ConfigFlow):
    """A flow that ends with an account: a new one, or the same one signed in again or moved."""

    VERSION = 1

    address: ServerAddress
    _unnamed: NewAccount
    _unowned: NewAccount
    _people: Mapping[str, str]
    _answer: Mapping[str, Any]

    def __init__(self) -> None:
        """Start with nothing known."""
        self._new_device_id = str(uuid4())
        self._sessions: list[ClientSession] = []
        self.household: list[NewAccount] = []

    @property
    def existing_entry(self) -> ConfigEntry | None:
        """The account that is signed in again or moved; None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    @property
    def expected_user_id(self) -> str | None:
        """The user that has to sign in; None for a new account."""
        entry = self.existing_entry
        return None if entry is None else entry.data[CONF_USER_ID]

    @property
    def device_id(self) -> str:
        """What servers know this account's client by: as stable as the entry."""
        entry = self.existing_entry
        return self._new_device_id if entry is None else entry.data[CONF_DEVICE_ID]

    @property
    def _given_name(self) -> str | None:
        """The name that the server of an account that exists goes by."""
        entry = self.existing_entry
        return None if entry is None else entry.data[CONF_SERVER_NAME]

    @property
    def suggested_address(self) -> dict[str, Any] | None:
        """The address of the account that is signed in again or moved, as far as it is known."""
        if self.existing_entry is None:
            return None
        return {CONF_URL: self.address.url, CONF_VERIFY_SSL: self.address.verify_ssl}

    @callback
    def session(self, *, verify_ssl: bool = True) -> ClientSession:
        """Return a session of this flow's own: no cookie of a sign-in reaches the requests of other integrations."""
        session = async_create_clientsession(
            self.hass, verify_ssl=verify_ssl, auto_cleanup=False, cookie_jar=DummyCookieJar()
        )
        self._sessions.append(session)
        return session

    @callback
    @override
    def async_remove(self) -> None:
        """Let go of this flow's sessions."""
        for session in self._sessions:
            session.detach()

    async def async_finish(self, server: ServerInfo, signed_in: SignedIn) -> ConfigFlowResult:
        """Create the entry of a new account, or update the one that was signed in again or moved."""
        return await self.async_finish_account(NewAccount(server, signed_in, self.address, self.device_id))

    async def async_finish_account(self, account: NewAccount) -> ConfigFlowResult:
        """Create the entry of an account, or update the one that was signed in again or moved."""
        await self.async_set_unique_id(account.unique_id)
        if self.existing_entry is None:
            self._abort_if_unique_id_configured()
        else:
            self._abort_if_unique_id_mismatch()
        name = known_name(self.hass, account.server)
        if name is None and self.existing_entry is None and self.source != SOURCE_HOUSEHOLD:
            self._unnamed = account
            return await self.async_step_server_name()
        return await self._async_finish(account, name or self._given_name or account.server.name)

    async def async_step_server_name(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what a server is to be called that calls itself as another one of its kind does."""
        errors: dict[str, str] = {}
        server = self._unnamed.server
        if user_input is not None:
            name = plain_text(user_input[CONF_SERVER_NAME])
            if name and not is_taken(self.hass, server, name):
                return await self._async_finish(self._unnamed, name)
            errors[CONF_SERVER_NAME] = NAME_TAKEN
        return self.async_show_form(
            step_id="server_name",
            data_schema=self.add_suggested_values_to_schema(SERVER_NAME_SCHEMA, user_input),
            errors=errors,
            description_placeholders=placeholders(
                {"server": OutsideText(server.name), "url": OutsideText(self._unnamed.address.url)}
            ),
        )

    async def _async_finish(self, account: NewAccount, server_name: str) -> ConfigFlowResult:
        """Create or update the entry of an account, with the name that its server goes by here."""
        account = replace(account, server=replace(account.server, name=server_name))
        if (entry := self.existing_entry) is not None:
            return self.async_update(entry, account.data)
        if self.source == SOURCE_HOUSEHOLD:
            return self._create(account)
        names = (each.signed_in.user.name for each in (account, *self.household))
        self._people = {name: person for name in names if (person := namesake(self.hass, name)) is not None}
        self._unowned = account
        return await self.async_step_person() if self._people else self._create(account)

    async def async_step_person(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the accounts belong to the persons of Home Assistant who are called as their users are."""
        if user_input is not None:
            self._answer = user_input
            return self._create(replace(self._unowned, options=self.options_of(self._unowned)))
        people = list(dict.fromkeys(self._people.values()))
        selector = EntitySelector(EntitySelectorConfig(include_entities=people, multiple=True))
        return self.async_show_form(
            step_id="person",
            data_schema=vol.Schema(
                {
                    vol.Optional(CONF_PERSON, default=[], description={"suggested_value": people}): selector,
                    vol.Required(CONF_PRIVATE, default=False): BooleanSelector(),
                }
            ),
            description_placeholders=placeholders({"names": OutsideText(", ".join(self._people))}),
        )

    def options_of(self, account: NewAccount) -> dict[str, Any]:
        """Return the options of an account as far as somebody was asked about its person."""
        person = self._people.get(account.signed_in.user.name)
        if person is None:
            return {}
        person_id = person_of_entity(self.hass, person) if person in self._answer[CONF_PERSON] else None
        if person_id is None:
            return {CONF_PRIVATE: False}
        return {CONF_PERSON: person_id, CONF_PRIVATE: self._answer[CONF_PRIVATE]}

    def _create(self, account: NewAccount) -> ConfigFlowResult:
        """Create the entry of a new account."""
        title = account_title(self.hass, account.server, account.signed_in.user)
        return self.async_create_entry(title=title, data=account.data, options=account.options)

    @callback
    def async_update(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        """Store what has changed and let the entry start afresh.

        An entry that is set up reloads by its own update listener; one whose setup failed has none.
        """
        update: Callable[..., ConfigFlowResult] = (
            self.async_update_and_abort if entry.update_listeners else self.async_update_reload_and_abort
        )
        return update(entry, data_updates=data)
