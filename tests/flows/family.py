"""Three media servers that four people share, and what each server was asked in whose name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import override

from aiohttp import web
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.library import Film
from tests.simulators.mediabrowser.accounts import emby_client, jellyfin_client
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import HttpPort
from tests.simulators.routes import Call, Handler
from tests.simulators.state import WatchState

from .dialog import Dialog, add_account
from .pair_dialog import RULES, pairs

PEOPLE = ("Olga", "Anna", "Kid", "Ben")
PIN = "1234"
FILMS = tuple(
    Film(f"film-{number}", f"Film {number}", 2001, 6_000_000, {"tmdb": str(100 + number)}) for number in range(30)
)


class Heard(HttpPort):
    """A server that keeps the requests that it got."""

    calls: list[Call]

    @override
    async def _answer(self, call: Call, handler: Handler | None) -> web.StreamResponse | None:
        """Keep a request, then answer it."""
        self.calls.append(call)
        return await super()._answer(call, handler)


class HeardPlex(PlexMediaServer, Heard):
    """A Plex Media Server that keeps its requests."""


class HeardJellyfin(SimulatedJellyfin, Heard):
    """A Jellyfin server that keeps its requests."""


class HeardEmby(SimulatedEmby, Heard):
    """An Emby server that keeps its requests."""


@dataclass(slots=True)
class Family:
    """The servers of a family, and the dialogs that add all of them."""

    hass: HomeAssistant
    plex_tv: PlexTv
    plex: HeardPlex
    jellyfin: HeardJellyfin
    emby: HeardEmby

    def entry(self, name: str, server_type: str) -> ConfigEntry:
        """Return somebody's account on a server."""
        for entry in self.hass.config_entries.async_entries("resume_sync"):
            if (entry.data["user_name"], entry.data["type"]) == (name, server_type):
                return entry
        raise KeyError(name)

    def names(self) -> list[str]:
        """Return the titles of all accounts."""
        return sorted(entry.title for entry in self.hass.config_entries.async_entries("resume_sync"))

    def plex_id(self, name: str) -> str:
        """Return somebody's id at plex.tv."""
        return str(self.plex_tv.account(name).account_id)

    async def at_plex_users(self, who_links: str = "Olga") -> Dialog:
        """Open the dialog up to the users of the Plex Home."""
        dialog = await add_account(self.hass, "plex")
        await dialog.choose("plex_code")
        self.plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], who_links)
        await dialog.wait()
        assert dialog.step["step_id"] == "plex_user"
        return dialog

    async def at_users(self, server: HeardJellyfin | HeardEmby) -> Dialog:
        """Open the dialog up to the users of an API key."""
        dialog = await add_account(self.hass, "jellyfin" if server is self.jellyfin else "emby")
        await dialog.submit(url=server.url, verify_ssl=True)
        await dialog.choose("api_key")
        await dialog.submit(api_key=server.add_api_key())
        assert dialog.step["step_id"] == "select_user"
        return dialog

    async def add_all(self, server: HeardJellyfin | HeardEmby) -> Dialog:
        """Add everybody on a server."""
        dialog = await self.at_users(server)
        await dialog.submit(user_id=[server.users[name].user_id for name in PEOPLE])
        assert dialog.step["type"] is FlowResultType.CREATE_ENTRY
        return dialog

    async def add_all_on_plex(self) -> Dialog:
        """Add everybody on Plex."""
        dialog = await self.at_plex_users()
        await dialog.submit(user=[self.plex_id(name) for name in PEOPLE], pin=PIN)
        assert dialog.step["type"] is FlowResultType.CREATE_ENTRY
        return dialog

    async def pair(self, dialog: Dialog, server_type: str, peer_type: str, sync_now: bool = False) -> Dialog:
        """Pair everybody as the dialog proposes, the first one with their account on a server."""
        also = dialog.suggested("also") or list(dialog.options("also"))
        first = self.hass.config_entries.async_get_entry(dialog.step["handler"][0])
        assert first is not None
        assert first.data["type"] == server_type
        peer = self.entry(first.data["user_name"], peer_type)
        assert peer.unique_id in dialog.options("peer")
        await dialog.submit(peer=peer.unique_id, direction="two_way", also=also)
        await dialog.submit(**RULES)
        if dialog.step["type"] is FlowResultType.SHOW_PROGRESS:
            await dialog.wait()
        assert dialog.step["errors"] == {}
        await dialog.submit(sync_now=sync_now)
        return dialog

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        for _ in range(5):
            await self.hass.async_block_till_done(wait_background_tasks=True)
            await asyncio.sleep(0.1)

    def peers(self, name: str, server_type: str) -> list[str]:
        """Return the titles of the accounts that somebody's account holds pairs with."""
        entries = {entry.unique_id: entry.title for entry in self.hass.config_entries.async_entries("resume_sync")}
        return sorted(entries[pair.unique_id] for pair in pairs(self.entry(name, server_type)))

    def leave(self, server_type: str, name: str, minutes: int, films: int = 1) -> None:
        """Let somebody have left the first films at a position two hours ago."""
        server = self.jellyfin if server_type == "jellyfin" else self.emby
        for film in FILMS[:films]:
            (item_id,) = server.items_of(film.key)
            server.set_state(name, item_id, position_ms=minutes * 60_000, last_played=server.now() - 7200)

    def states(self, server_type: str, name: str) -> list[WatchState]:
        """Return where somebody's films stand."""
        server = self.jellyfin if server_type == "jellyfin" else self.emby
        return [server.watch_state(name, item_id) for film in FILMS for item_id in server.items_of(film.key)]

    def acted_for(self, server: Heard) -> dict[str, set[str]]:
        """Return in whose name a server was asked, by what it knows the asking client by: every id and every token."""
        return _plex_names(self.plex) if server is self.plex else _names(server)


def _plex_names(plex: HeardPlex) -> dict[str, set[str]]:
    """Return whose tokens each client of a Plex server has sent."""
    owners = {plex.token(name): name for name in plex.users}
    names: dict[str, set[str]] = {}
    for call in plex.calls:
        if token := plex.token_in(call):
            names.setdefault(call.header("X-Plex-Client-Identifier"), set()).add(owners[token])
    return names


def _names(server: Heard) -> dict[str, set[str]]:
    """Return whose ids each client of a Jellyfin or Emby server has named."""
    assert isinstance(server, HeardJellyfin | HeardEmby)
    names: dict[str, set[str]] = {}
    for call in server.calls:
        if isinstance(server, HeardJellyfin):
            client = jellyfin_client(call, legacy=False)
        else:
            client = emby_client(call, token_in_authorization=False)
        text = f"{call.request.path_qs} {call.body.decode()}"
        named = {user.name for user in server.users.values() if user.user_id in text}
        names.setdefault(client.device_id, set()).update(named)
    return names


@asynccontextmanager
async def family_at_home(hass: HomeAssistant, plex_tv: PlexTv) -> AsyncIterator[Family]:
    """Let the servers run: Olga owns the Plex server; Anna (with a PIN), Kid (managed) and Ben are in her Home."""
    family = Family(hass, plex_tv, HeardPlex(name="Den"), HeardJellyfin(name="Attic"), HeardEmby(name="Cellar"))
    plex_tv.admin_needs_pin = True
    family.plex.add_user("Olga")
    family.plex.add_user("Anna", pin=PIN)
    family.plex.add_user("Kid", restricted=True)
    family.plex.add_user("Ben")
    for name in PEOPLE:
        family.jellyfin.add_user(name, name.casefold())
        family.emby.add_user(name, name.casefold())
    servers: tuple[HeardPlex | HeardJellyfin | HeardEmby, ...] = (family.plex, family.jellyfin, family.emby)
    for server in servers:
        server.calls = []
        for film in FILMS:
            server.add_film(film)
        await server.start()
    plex_tv.publish(family.plex)
    yield family
    for server in servers:
        await server.stop()
