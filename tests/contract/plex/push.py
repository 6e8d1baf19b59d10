"""What a Plex server tells by itself over its WebSocket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp

from tests.contract.fact import Differs, Need, NotAsked, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import Person, Title

PATH = "/:/websockets/notifications"
CAPTURES = "captures of PKC, Tautulli and plexwebsocket"
PATIENCE_SECONDS = 15


class Ear:
    """What came over one connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Listen to a connection."""
        self._socket = socket

    async def first(self, kind: str, name: str, wanted: Callable[[Any], bool]) -> Any:
        """Return the first entry of a kind that is wanted; raises Differs when none comes."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for message in self._socket:
                    container = json.loads(message.data)["NotificationContainer"]
                    for entry in container[name] if container["type"] == kind else ():
                        if wanted(entry):
                            return entry
        except TimeoutError:
            pass
        raise Differs(f"no {kind} came")

    async def session(self, title: Title | None = None, state: str = "") -> Any:
        """Return the first message of a session, of a title and in a state where they are given."""

        def wanted(entry: Any) -> bool:
            """Tell whether it is the one."""
            right = title is None or str(entry.get("ratingKey")) == title.key
            return right and state in ("", entry.get("state"))

        return await self.first("playing", "PlaySessionStateNotification", wanted)


@asynccontextmanager
async def listening(person: Person) -> AsyncIterator[Ear]:
    """Open a connection with somebody's token in the header."""
    client = person.client
    async with client.http.ws_connect(client.url + PATH, headers=client.headers) as socket:
        yield Ear(socket)


@fact(f"{CAPTURES}; documented as /:/websocket/notifications", PLEX)
async def playing(lab: PlexLab) -> None:
    """A session is told with key, item, state and position, as it starts and as it stops."""
    film = await lab.film()
    async with listening(lab.owner) as ear:
        for state in ("playing", "paused", "stopped"):
            await lab.owner.report(film, film.at(0.4), state)
            entry = await ear.session(film, state)
            missing = [name for name in ("sessionKey", "viewOffset", "clientIdentifier") if name not in entry]
            same(f"missing of {state}", missing, [])
            same("position", entry["viewOffset"], film.at(0.4))


@fact(f"inferred from {CAPTURES}", PLEX)
async def own_reports(lab: PlexLab) -> None:
    """A lone stop is told with the identifier of the client that sent it, so that it can be left out, or not at all."""
    film = await lab.film()
    async with listening(lab.owner) as ear:
        await lab.owner.report(film, film.at(0.4))
        try:
            entry = await ear.session(film)
        except Differs:
            raise NotAsked("this server does not tell a lone stop") from None
        same("client", entry.get("clientIdentifier"), lab.owner.client.headers["X-Plex-Client-Identifier"])


@fact(f"{CAPTURES}; plexapi alert.py", PLEX)
async def updated_items(lab: PlexLab) -> None:
    """After a stop an entry of the timeline tells that the item was processed (state 5), with its number."""
    film = await lab.film()
    async with listening(lab.owner) as ear:
        await lab.owner.report(film, film.at(0.4))
        entry = await ear.first("timeline", "TimelineEntry", lambda entry: str(entry.get("itemID")) == film.key)
        same("state", entry.get("state"), 5)


@fact("observed: 401 before the handshake", PLEX)
async def nobody_hears(lab: PlexLab) -> None:
    """Without a valid token nothing is told."""
    if (await lab.stranger.ask("GET", "/library/sections")).status == 200:
        raise NotAsked("this network is let in without a token")
    try:
        async with listening(lab.stranger):
            raise Differs("the connection was taken")
    except aiohttp.WSServerHandshakeError as refusal:
        same("status", refusal.status, 401)


@fact("PKC issue 191; plezy (unverified for managed users)", PLEX, needs={Need.MEMBER})
async def others_hear_their_own(lab: PlexLab) -> None:
    """Another user is refused, or told their own sessions and not the owner's."""
    theirs, owners = await lab.films(2)
    try:
        async with listening(lab.member) as ear:
            await lab.owner.report(owners, owners.at(0.4), "playing")
            await lab.member.report(theirs, theirs.at(0.4), "playing")
            entry = await ear.session()
            await lab.owner.report(owners, owners.at(0.4))
            await lab.member.report(theirs, theirs.at(0.4))
            same("item", str(entry.get("ratingKey")), theirs.key)
    except aiohttp.WSServerHandshakeError as refusal:
        holds("it is refused", true=refusal.status in (401, 403), seen=refusal.status)


@fact(f"{CAPTURES}: one connection of the owner is enough for all", PLEX, needs={Need.MEMBER})
async def the_owner_hears_all(lab: PlexLab) -> None:
    """The owner is told other users' sessions too, without their names."""
    film = await lab.film()
    async with listening(lab.owner) as ear:
        await lab.member.report(film, film.at(0.4), "playing")
        entry = await ear.session(film)
        await lab.member.report(film, film.at(0.4))
        same("user", [name for name in entry if "user" in name.casefold() or "account" in name.casefold()], [])
