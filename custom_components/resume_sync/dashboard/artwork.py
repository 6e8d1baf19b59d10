"""Posters for the cards: asked of the servers with the account's own right, and kept for a day within a bound.

A page gets an address that Home Assistant has signed for whoever looks at it, never a token of a server.
"""

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from aiohttp import web
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from ..actions.rights import Caller
from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from ..servers.limits import MIB
from ..servers.pictures import Artwork, Picture
from ..servers.plain_text import whole_number
from ..sync.media_server import MediaServerError, NotFound

MOST_KEPT_BYTES: Final = 32 * MIB
KEPT: Final = timedelta(days=1)
RETRY: Final = timedelta(minutes=1)
WIDTHS: Final = (160, 320, 480)
"""How wide pictures are asked for: the next of these, so that each is kept in few sizes."""

WIDEST_ASKED: Final = 9999
"""A page that asks for more is sent the smallest."""

_AT_ONCE: Final = 4
_BYTES_OF_NOTHING: Final = 200
_PATH: Final = f"/api/{DOMAIN}/artwork/{{entry_id}}/{{item_id}}"


@dataclass(frozen=True, slots=True)
class _Key:
    """One picture in one size."""

    entry_id: str
    item_id: str
    width: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture, or that there is none, until a time of the event loop."""

    picture: Picture | None
    until: float

    @property
    def size(self) -> int:
        """How many bytes it takes, about."""
        return len(self.picture.content) if self.picture else _BYTES_OF_NOTHING


class Posters:
    """The pictures that were asked for lately, each asked of its server once, however many look at it."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0
        self._asked: dict[_Key, asyncio.Task[Picture | None]] = {}
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))

    async def get(self, hass: HomeAssistant, entry: ResumeSyncConfigEntry, item_id: str, width: int) -> Picture | None:
        """Return a poster; None where there is none, or its server does not give it now."""
        key = _Key(entry.entry_id, item_id, next((one for one in WIDTHS if one >= width), WIDTHS[-1]))
        kept = self._kept.get(key)
        if kept is not None and kept.until > hass.loop.time():
            self._kept.move_to_end(key)
            return kept.picture
        artwork = entry.runtime_data.artwork
        if artwork is None or not entry.runtime_data.account.last_update_success:
            return None
        if (task := self._asked.get(key)) is None:
            task = entry.async_create_background_task(hass, self._ask(hass, artwork, key), f"{DOMAIN} poster")
            self._asked[key] = task
            task.add_done_callback(lambda _: self._asked.pop(key))
        # Whoever leaves the page does not take the picture from others who wait for it.
        return await asyncio.shield(task)

    def forget(self, entry_id: str) -> None:
        """Drop what is kept of an account."""
        for key in [key for key in self._kept if key.entry_id == entry_id]:
            self._size -= self._kept.pop(key).size

    async def _ask(self, hass: HomeAssistant, artwork: Artwork, key: _Key) -> Picture | None:
        """Ask a server, and keep what it says: of a failure for a minute only."""
        kept_for = KEPT
        picture = None
        try:
            async with self._turns[key.entry_id]:
                picture = await artwork.poster(key.item_id, key.width)
        except NotFound:
            pass
        except MediaServerError:
            kept_for = RETRY
        self._keep(key, _Kept(picture, hass.loop.time() + kept_for.total_seconds()))
        return picture

    def _keep(self, key: _Key, kept: _Kept) -> None:
        """Keep a picture, and no more of the others than there is room for."""
        if (before := self._kept.pop(key, None)) is not None:
            self._size -= before.size
        self._kept[key] = kept
        self._size += kept.size
        while self._size > MOST_KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size


POSTERS: HassKey[Posters] = HassKey(f"{DOMAIN}_posters")


class PosterView(HomeAssistantView):
    """Sends a poster to those who may see the titles of its account."""

    url = _PATH
    name = f"api:{DOMAIN}:artwork"

    def __init__(self, hass: HomeAssistant) -> None:
        """Take where the accounts are."""
        self._hass = hass

    async def get(self, request: web.Request, entry_id: str, item_id: str) -> web.Response:
        """Send it; 404 for whoever may not see it, as for what is not there."""
        entry = visible_account(Caller(self._hass, request[KEY_HASS_USER]), entry_id)
        if entry is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        width = whole_number(request.query.get("width", ""), WIDEST_ASKED) or WIDTHS[0]
        picture = await self._hass.data[POSTERS].get(self._hass, entry, item_id, width)
        if picture is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            body=picture.content,
            content_type=picture.content_type,
            headers={
                "Cache-Control": f"private, max-age={int(KEPT.total_seconds())}",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )


def visible_account(caller: Caller, entry_id: str) -> ResumeSyncConfigEntry | None:
    """Return an account that is set up and shows pictures to somebody; None otherwise."""
    entries: list[ResumeSyncConfigEntry] = caller.hass.config_entries.async_loaded_entries(DOMAIN)
    entry = next((one for one in entries if one.entry_id == entry_id), None)
    if entry is None or entry.runtime_data.artwork is None or not caller.may_see_account(entry):
        return None
    return entry


@callback
def signed_path(hass: HomeAssistant, entry_id: str, item_id: str, refresh_token_id: str | None) -> str:
    """Return the address of a poster, signed for whoever has this refresh token, for as long as pictures are kept."""
    path = _PATH.format(entry_id=quote(entry_id, safe=""), item_id=quote(item_id, safe=""))
    return async_sign_path(hass, path, KEPT, refresh_token_id=refresh_token_id)


@callback
def async_setup_artwork(hass: HomeAssistant) -> None:
    """Serve posters."""
    hass.data[POSTERS] = Posters()
    hass.http.register_view(PosterView(hass))
