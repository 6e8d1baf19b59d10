"""Every client with every way to ask something, against one address: what has to hold for each of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from custom_components.resume_sync.servers.mediabrowser.artwork import MediaBrowserArtwork
from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer, EmbySignIn
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from custom_components.resume_sync.servers.pictures import Artwork
from custom_components.resume_sync.servers.plex.artwork import PlexArtwork
from custom_components.resume_sync.servers.plex.plex_tv import PlexTv
from custom_components.resume_sync.servers.plex.resources import PlexConnection, PlexResource, reachable_url
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.servers.plex.sign_in import plex_identify
from custom_components.resume_sync.sync.model import Item, ItemState, MediaKind, PositionWrite

TOKEN: Final = "sekret-token-1111"
PASSWORD: Final = "sekret-password-2222"
PIN: Final = "sekret-pin-3333"
QUICK_CONNECT: Final = "sekret-quick-4444"
SECRETS: Final = (TOKEN, PASSWORD, PIN, QUICK_CONNECT)

USER: Final = "a" * 32
DEVICE: Final = "our-device"
JELLYFIN_ITEM: Final = "b" * 32
NUMBERED_ITEM: Final = "42"

type Request = Callable[[], Awaitable[object]]


def film(item_id: str, kind: MediaKind = MediaKind.MOVIE) -> Item:
    """Return an item with ids of all kinds, so that looking for it asks everything that can be asked."""
    episode = kind is MediaKind.EPISODE
    return Item(
        item_id,
        kind,
        "Tide",
        frozenset({f"{kind}:imdb:tt1234567", f"{kind}:tvdb:777", f"{kind}:plex:{'c' * 24}"}),
        2011,
        6_000_000,
        "Long Road" if episode else None,
        frozenset({"show:tvdb:81189"}) if episode else frozenset(),
        1 if episode else None,
        2 if episode else None,
    )


WANTED: Final = [film("there"), film("there-too", MediaKind.EPISODE)]


def write(item_id: str) -> PositionWrite:
    """Return a position to be written."""
    return PositionWrite(ItemState(film(item_id), 100_000), 200_000, 1_790_000_000_000)


@asynccontextmanager
async def requests_to(
    url: str, timeout_seconds: float = 60.0, token: str = TOKEN
) -> AsyncIterator[Mapping[str, Request]]:
    """Yield all requests that any client can make of a server at an address, by name."""
    async with aiohttp.ClientSession() as session:
        account: Mapping[str, Any] = {
            "url": url,
            "token": token,
            "user_id": USER,
            "device_id": DEVICE,
            "timeout_seconds": timeout_seconds,
            "confirm_seconds": 0,
        }
        jellyfin = JellyfinServer(session, **account)
        emby = EmbyServer(session, **account)
        plex = PlexServer(
            url=url,
            token=token,
            user_id="1",
            user_name="anna",
            device_id=DEVICE,
            confirm_seconds=0.01,
            timeout=timeout_seconds,
        )
        plex_tv = PlexTv(session, client_id=DEVICE, base_url=url)
        jellyfin_sign_in = JellyfinSignIn(session, url=url, device_id=DEVICE)
        emby_sign_in = EmbySignIn(session, url=url, device_id=DEVICE)
        resource = PlexResource("machine", "Attic", True, TOKEN, (PlexConnection(url, True, False),))
        where = {"url": url, "token": token, "device_id": DEVICE}
        posters: Mapping[str, Artwork] = {
            "jellyfin": MediaBrowserArtwork(session, JELLYFIN, user_id=USER, **where),
            "emby": MediaBrowserArtwork(session, EMBY, user_id=USER, **where),
            "plex": PlexArtwork(session, **where),
        }
        requests: dict[str, Request] = {}
        for name, client, item in (
            ("jellyfin", jellyfin, JELLYFIN_ITEM),
            ("emby", emby, NUMBERED_ITEM),
            ("plex", plex, NUMBERED_ITEM),
        ):
            requests |= {
                f"{name} verify": client.verify,
                f"{name} in_progress": client.in_progress,
                f"{name} states": lambda client=client, item=item: client.states([item]),  # type: ignore[misc]
                f"{name} find": lambda client=client: client.find(WANTED),  # type: ignore[misc]
                f"{name} propose film": lambda client=client: client.propose(WANTED[0]),  # type: ignore[misc]
                f"{name} propose episode": lambda client=client: client.propose(WANTED[1]),  # type: ignore[misc]
                f"{name} open_sessions": client.open_sessions,
                f"{name} libraries": client.libraries,
                f"{name} poster": lambda name=name, item=item: posters[name].poster(item, 320),  # type: ignore[misc]
                f"{name} events": lambda client=client: anext(client.events()),  # type: ignore[misc]
                f"{name} write": lambda client=client, item=item: client.write_position(write(item)),  # type: ignore[misc]
            }
        for name, sign_in in (("jellyfin", jellyfin_sign_in), ("emby", emby_sign_in)):
            requests |= {
                f"{name} server_info": sign_in.server_info,
                f"{name} password": lambda sign_in=sign_in: sign_in.with_password("anna", PASSWORD),  # type: ignore[misc]
                f"{name} users": lambda sign_in=sign_in: sign_in.users(token),  # type: ignore[misc]
            }
        requests |= {
            "jellyfin clear": lambda: jellyfin.clear_position(write(JELLYFIN_ITEM).base),
            "emby clear": lambda: emby.clear_position(write(NUMBERED_ITEM).base),
            "quick connect enabled": jellyfin_sign_in.quick_connect_enabled,
            "quick connect start": jellyfin_sign_in.start_quick_connect,
            "quick connect finish": lambda: jellyfin_sign_in.finish_quick_connect(QUICK_CONNECT),
            "plex identify": lambda: plex_identify(url, TOKEN, verify_ssl=True, device_id=DEVICE, confirm_seconds=0.01),
            "plex confirm_identity": plex.confirm_identity,
            "plex hub": plex.hub,
            "plex hide": lambda: plex.hide(write(NUMBERED_ITEM).base),
            "plex reachable": lambda: reachable_url(session, resource),
            "plex.tv start_pin": plex_tv.start_pin,
            "plex.tv check_pin": lambda: plex_tv.check_pin(5),
            "plex.tv user": lambda: plex_tv.user(token),
            "plex.tv servers": lambda: plex_tv.servers(token),
            "plex.tv home_users": lambda: plex_tv.home_users(TOKEN),
            "plex.tv switch_user": lambda: plex_tv.switch_user(TOKEN, "uuid", PIN),
        }
        try:
            yield requests
        finally:
            await plex.close()
