"""Which addresses a form offers: those that people of this home have chosen before those that somebody has only told.

What answers in a network may be anybody, under any name and any server's id. So a server that has accounts is offered
at the address of these; another address of its id is offered as what it is, a claim; and nothing but an address that
somebody here has chosen is ever filled in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant

from ..const import CONF_SERVER_ID, CONF_SERVER_NAME, CONF_USER_NAME, DOMAIN
from ..labels import OutsideText
from ..servers.discovery import DiscoveredServer
from ..sync.model import ServerType
from .rediscovery import addresses_in_home_assistant, same_server


@dataclass(frozen=True, slots=True)
class OfferedServer:
    """An address to choose. `people` have an account there; `claims` to be a server that has accounts elsewhere."""

    url: str
    name: str
    people: tuple[str, ...] = ()
    claims: bool = False
    chosen_here: bool = False
    verify_ssl: bool = True

    @property
    def label(self) -> str:
        """What people read: `Attic (http://192.0.2.10:8096): Anna, Ben`, and of a claim `http://…: Attic?`."""
        if self.claims:
            return OutsideText(f"{self.url}: {self.name}?").plain
        people = f": {', '.join(self.people)}" if self.people else ""
        return OutsideText(f"{self.name} ({self.url}){people}").plain


def offered_servers(
    hass: HomeAssistant, server_type: ServerType, found: Iterable[DiscoveredServer]
) -> list[OfferedServer]:
    """Return the addresses of a kind of server: of accounts, of Home Assistant's own integration, then what answers."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    accounts = [entry for entry in entries if entry.data[CONF_TYPE] == server_type]
    offered = {url: _of_accounts(accounts, url) for url in dict.fromkeys(entry.data[CONF_URL] for entry in accounts)}
    for url, name in addresses_in_home_assistant(hass, server_type).items():
        offered.setdefault(url, OfferedServer(url, name, chosen_here=True))
    told = [_told(accounts, server) for server in found if server.server_type is server_type]
    for server in sorted(told, key=lambda server: server.claims):
        offered.setdefault(server.url, server)
    return list(offered.values())


def to_fill_in(offered: Sequence[OfferedServer]) -> OfferedServer | None:
    """Return the address to fill in: the only one of our accounts, or else the only one that was chosen here at all."""
    ours = [server for server in offered if server.people]
    chosen = ours or [server for server in offered if server.chosen_here]
    return chosen[0] if len(chosen) == 1 else None


def _of_accounts(accounts: Iterable[ConfigEntry], url: str) -> OfferedServer:
    """Return the server that accounts use at an address."""
    there = [entry for entry in accounts if entry.data[CONF_URL] == url]
    return OfferedServer(
        url,
        there[0].data[CONF_SERVER_NAME],
        tuple(entry.data[CONF_USER_NAME] for entry in there),
        chosen_here=True,
        verify_ssl=there[0].data[CONF_VERIFY_SSL],
    )


def _told(accounts: Iterable[ConfigEntry], server: DiscoveredServer) -> OfferedServer:
    """Return a server that answers in the network; if it has accounts, what they call it."""
    for entry in accounts:
        if same_server(entry.data[CONF_SERVER_ID], server.server_id):
            return OfferedServer(server.url, entry.data[CONF_SERVER_NAME], claims=True)
    return OfferedServer(server.url, server.name)
