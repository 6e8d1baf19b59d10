"""The form that asks where a server is: one that is known or was found, or another address."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import BooleanSelector, SelectSelector
import voluptuous as vol

from ..account.address import ServerAddress
from ..const import SERVER_NAMES
from ..labels import OutsideText, Shown
from ..sync.media_server import WrongKind
from ..sync.model import ServerType
from .account import ADDRESS_SCHEMA
from .form_fields import choice
from .found_servers import SERVER, FoundServersFlow
from .offered_servers import OfferedServer, offered_servers, to_fill_in
from .probing import async_find_server

GO_ON: Final = "go_on"
_BESIDE_A_CHOICE: Final = {
    vol.Optional(key.schema) if key == CONF_URL else key: field for key, field in ADDRESS_SCHEMA.schema.items()
}


class AddressFlow(FoundServersFlow):
    """A flow that asks for addresses; where another kind of server answers, it offers to go on with that."""

    _choices: list[OfferedServer]
    _right_kind: ServerType | None = None
    typed_address: Mapping[str, Any] | None = None

    async def async_address_schema(self, server_type: ServerType) -> vol.Schema:
        """Return the fields of an address, with the servers of a kind to choose from where any are known."""
        self._choices = offered_servers(self.hass, server_type, await self.async_found_servers())
        schema = ADDRESS_SCHEMA
        if self._choices:
            only = to_fill_in(self._choices)
            suggested = None if only is None or self.typed_address else only.url
            labels = {server.url: server.label for server in self._choices}
            field = vol.Optional(SERVER, description={"suggested_value": suggested})
            schema = vol.Schema({field: SelectSelector(choice(labels)), **_BESIDE_A_CHOICE})
        if self._right_kind is not None:
            schema = schema.extend({vol.Required(GO_ON, default=True): BooleanSelector()})
        return self.add_suggested_values_to_schema(schema, self.typed_address)

    def entered_address(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Return the address in a form: what was typed, else the server that was chosen."""
        typed = user_input.get(CONF_URL, "").strip()
        chosen = user_input.get(SERVER, "")
        lax = not typed and any(server.url == chosen and not server.verify_ssl for server in self._choices)
        return {CONF_URL: typed or chosen, CONF_VERIFY_SSL: user_input[CONF_VERIFY_SSL] and not lax}

    async def async_ask_for[T](
        self,
        server_type: ServerType,
        user_input: Mapping[str, Any],
        ask: Callable[[ServerAddress], Awaitable[T]],
    ) -> T:
        """Ask a server of a kind at the address in a form, or near it; remember which other kind answers there."""
        self._right_kind = None
        try:
            return await async_find_server(
                lambda verify_ssl: self.session(verify_ssl=verify_ssl),
                server_type,
                self.entered_address(user_input),
                ask,
            )
        except WrongKind as error:
            self._right_kind = error.server_type
            raise

    def goes_on(self, user_input: Mapping[str, Any]) -> bool:
        """Tell whether somebody goes on with the kind of server that answers at the address, not with another one."""
        same = self.typed_address is not None and self.entered_address(self.typed_address)[CONF_URL]
        return bool(user_input.get(GO_ON)) and self.entered_address(user_input)[CONF_URL] == same

    async def async_go_on(self, user_input: Mapping[str, Any]) -> ConfigFlowResult:
        """Go on with the kind of server that answers at the address in a form."""
        kind, self._right_kind = self._right_kind, None
        self.typed_address = self.entered_address(user_input)
        step: Callable[[dict[str, Any]], Awaitable[ConfigFlowResult]] = getattr(self, f"async_step_{kind}")
        return await step(dict(self.typed_address))

    def answering_kind(self) -> dict[str, Shown]:
        """Return what the texts of the form are filled with: the kind of the server that answers there."""
        kind = self._right_kind
        return {"kind": OutsideText("" if kind is None else SERVER_NAMES[kind])}
