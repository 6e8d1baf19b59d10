"""Simulated servers with clients, and all that these ask of them, by name: the ground of the fuzzing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.emby import EmbySignIn
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from custom_components.resume_sync.servers.plex.plex_tv import PlexTv
from custom_components.resume_sync.servers.plex.resources import reachable_url
from custom_components.resume_sync.servers.plex.sign_in import plex_identify
from custom_components.resume_sync.sync.media_server import MediaServer
from custom_components.resume_sync.sync.model import Item, MediaKind, PositionWrite
from tests.servers.mediabrowser.servers import (
    FILM,
    MINUTE,
    SHOW,
    START,
    House,
    emby,
    jellyfin,
    wanted_episode,
    wanted_film,
)
from tests.servers.plex.attic import ALIEN, BRAZIL, EXPANSE, attic, client_of, only
from tests.simulators.library import Film
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv as SimulatedPlexTv

type Ask = Callable[[], Awaitable[object]]

PASSWORD = "pass"


@dataclass(slots=True)
class World:
    """A server to tamper with, what can be asked of it, and the client that has to survive that, where there is one."""

    server: Any
    asks: Mapping[str, Ask]
    client: MediaServer | None = None


def many(count: int = 5) -> list[Item]:
    """Return more films than are asked for one by one."""
    return [
        Item(f"there-{number}", MediaKind.MOVIE, f"Film {number}", frozenset({f"movie:imdb:tt777000{number}"}))
        for number in range(count)
    ]


def _mediabrowser(house: House[Any, Any], sign_in: Any) -> dict[str, Ask]:
    """Return what is asked of Jellyfin and Emby alike."""
    server, client = house.server, house.client
    film, episode = house.item("blue"), house.item("road/s01e02")
    for number in range(5):
        server.add_film(Film(f"film-{number}", f"Film {number}", 2000, 6_000_000, {"imdb": f"tt777000{number}"}))
    for item_id, minutes in ((film, 15), (episode, 5), (house.item("road/s02e07"), 20), (house.item("film-1"), 30)):
        server.set_state(
            "anna", item_id, position_ms=minutes * MINUTE, play_count=1, last_played=START - 60 * minutes, favorite=True
        )
    server.viewer("anna").play(film)
    limited = house.client_with(libraries=[server.library(name).library_id for name in ("Films", "Shows")])
    wanted = [wanted_film(FILM), wanted_episode(SHOW, 1, 1), wanted_episode(SHOW, 1, 2, own_ids=False)]

    async def limited_in_progress() -> object:
        limited.forget()
        return await limited.in_progress()

    async def library_of_a_film() -> object:
        limited.forget()
        return await limited.libraries_of([film])

    async def write() -> None:
        state = (await client.states([film])).items[film]
        await client.write_position(PositionWrite(state, 20 * MINUTE, START_MS))

    return {
        "in progress": client.in_progress,
        "in progress, chosen libraries": limited_in_progress,
        "library of a film": library_of_a_film,
        "states": lambda: client.states([film, episode, house.item("film-2")]),
        "find one": lambda: client.find(wanted),
        "find many": lambda: client.find([*wanted, *many()]),
        "propose a film": lambda: client.propose(wanted[0]),
        "propose an episode": lambda: client.propose(wanted[1]),
        "sessions": client.open_sessions,
        "libraries": client.libraries,
        "verify": client.verify,
        "server info": sign_in.server_info,
        "sign in": lambda: sign_in.with_password("anna", PASSWORD),
        "users": lambda: sign_in.users(server.add_token("admin")),
        "write": write,
    }


START_MS = int(START) * 1000


@asynccontextmanager
async def jellyfin_world(version: str = "10.11.11") -> AsyncIterator[World]:
    """Run Jellyfin with everything in use."""
    async with jellyfin(version) as house:
        sign_in = JellyfinSignIn(house.session, url=house.server.url, device_id="other-device")
        asks = _mediabrowser(house, sign_in)
        version_id = house.server.add_version(house.item("blue"))
        house.server.set_state("anna", version_id, position_ms=25 * MINUTE, last_played=START - 30)

        async def finish_quick_connect() -> object:
            started = await JellyfinSignIn(
                house.session, url=house.server.url, device_id="third-device"
            ).start_quick_connect()
            house.server.approve_quick_connect(started.code, "anna")
            return await sign_in.finish_quick_connect(started.secret)

        yield World(
            house.server,
            asks
            | {
                "state of a version": lambda: house.client.states([version_id]),
                "quick connect enabled": sign_in.quick_connect_enabled,
                "quick connect start": sign_in.start_quick_connect,
                "quick connect finish": finish_quick_connect,
            },
            house.client,
        )


@asynccontextmanager
async def emby_world() -> AsyncIterator[World]:
    """Run Emby with everything in use."""
    async with emby() as house:
        sign_in = EmbySignIn(house.session, url=house.server.url, device_id="other-device")
        yield World(house.server, _mediabrowser(house, sign_in), house.client)


@asynccontextmanager
async def plex_world() -> AsyncIterator[World]:
    """Run a Plex Media Server with everything in use."""
    async with attic() as server, client_of(server, confirm_seconds=0) as client:
        film, episode = only(server, "alien"), only(server, EXPANSE.episode_key(1, 2))
        for item_id, minutes in (
            (film, 15),
            (episode, 5),
            (only(server, "brazil"), 30),
            (only(server, "old/s01e02"), 6),
        ):
            server.set_state("olivia", item_id, position_ms=minutes * MINUTE, last_played=START - 60 * minutes)
        server.viewer("olivia").play(film)
        wanted = [wanted_film(ALIEN), wanted_film(BRAZIL, "there-too"), wanted_episode(EXPANSE, 1, 1)]
        guid = Item("guid", MediaKind.MOVIE, "", frozenset({f"movie:plex:{server.guid(server.holdings[film])[-24:]}"}))
        by_leaves = wanted_episode(EXPANSE, 1, 1, show_ids=False)
        async with client_of(
            server, confirm_seconds=0, libraries=[server.library(name).library_id for name in ("Films", "Shows")]
        ) as limited:

            async def limited_in_progress() -> object:
                limited.forget()
                return await limited.in_progress()

            async def write() -> None:
                state = (await client.states([film])).items[film]
                await client.write_position(PositionWrite(state, 20 * MINUTE))

            async def identify() -> object:
                return await plex_identify(
                    server.url, server.token("olivia"), verify_ssl=True, device_id="d", confirm_seconds=0
                )

            yield World(
                server,
                {
                    "in progress": client.in_progress,
                    "in progress, chosen libraries": limited_in_progress,
                    "states": lambda: client.states([film, episode]),
                    "find one": lambda: client.find(wanted),
                    "find by guid": lambda: client.find([guid]),
                    "find an episode": lambda: client.find([by_leaves]),
                    "find many": lambda: client.find([*wanted, *many()]),
                    "propose a film": lambda: client.propose(wanted[0]),
                    "propose an episode": lambda: client.propose(wanted[2]),
                    "sessions": client.open_sessions,
                    "libraries": client.libraries,
                    "verify": client.verify,
                    "identify": identify,
                    "write": write,
                },
                client,
            )


@asynccontextmanager
async def _plex_tv(server: PlexMediaServer) -> AsyncIterator[tuple[SimulatedPlexTv, aiohttp.ClientSession, PlexTv]]:
    """Run the plex.tv of a server, and connect a client that has not signed in."""
    plex_tv = SimulatedPlexTv(server)
    await plex_tv.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield plex_tv, session, PlexTv(session, client_id="our-device", base_url=plex_tv.url)
    finally:
        await plex_tv.stop()


@asynccontextmanager
async def plex_tv_world() -> AsyncIterator[World]:
    """Run plex.tv with an account, its Home and its servers."""
    async with attic() as server, _plex_tv(server) as (plex_tv, session, client):
        token = plex_tv.account_token("olivia")
        henry = plex_tv.account("henry")

        async def check_pin() -> object:
            pin = await PlexTv(session, client_id="our-device", base_url=plex_tv.url).start_pin()
            plex_tv.approve_pin(pin.code, "olivia")
            return await client.check_pin(pin.pin_id)

        yield World(
            plex_tv,
            {
                "start a PIN": client.start_pin,
                "check a PIN": check_pin,
                "user": lambda: client.user(token),
                "resources": lambda: client.servers(token),
                "home users": lambda: client.home_users(token),
                "switch": lambda: client.switch_user(token, henry.uuid),
            },
        )


@asynccontextmanager
async def probe_world() -> AsyncIterator[World]:
    """Run a Plex Media Server that is probed at the addresses that plex.tv knows."""
    async with attic() as server, _plex_tv(server) as (plex_tv, session, client):
        (resource,) = await client.servers(plex_tv.account_token("olivia"))
        yield World(server, {"probe": lambda: reachable_url(session, resource)})
