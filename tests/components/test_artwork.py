"""Posters: signed for whoever looks, asked of a server once, and for nobody who may not see the titles."""

import asyncio
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.resume_sync.dashboard.artwork import KEPT, MOST_KEPT_BYTES, WIDTHS
from custom_components.resume_sync.dashboard.websocket_api import MOST_SIGNED, SIGN_ARTWORK
from tests.simulators.faults import Status
from tests.simulators.posters import draw

from .household import Household
from .people import access_token, ordinary_user, persons

PICTURE = "GET /Items/{item}/Images/Primary"
FILM, OTHER = "film-1", "film-2"

type Browser = TestClient[Any, Any]


@pytest.fixture
async def shown(running_home: Household) -> Household:
    """An account whose server draws posters."""
    home = running_home
    server = home.server("jellyfin")
    server.pictures.drawn = True
    for key in (FILM, OTHER):
        home.leave("jellyfin", key, 42)
    home.add_account("jellyfin")
    await home.setup()
    return home


def item(home: Household, key: str) -> str:
    """Return the id of a title on the server."""
    (item_id,) = home.server("jellyfin").items_of(key)
    return item_id


async def signed(home: Household, socket: WebSocketGenerator, *items: str, token: str | None = None) -> dict[str, str]:
    """Return where the posters of items are, as told to somebody."""
    client = await socket(home.hass, token) if token else await socket(home.hass)
    await client.send_json_auto_id({"type": SIGN_ARTWORK, "config_entry_id": "entry-jellyfin", "item_ids": [*items]})
    answer = await client.receive_json()
    assert answer["success"], answer
    result: dict[str, str] = answer["result"]
    return result


def asked(home: Household) -> int:
    """Return how many pictures the server was asked for."""
    return home.server("jellyfin").traffic.requests(PICTURE)


async def test_a_poster_is_asked_for_once(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """However many look at it at once; browsers keep it, and no token is in its address."""
    film = item(shown, FILM)
    path = (await signed(shown, hass_ws_client, film))[film]
    browser = await hass_client_no_auth()

    answers = await asyncio.gather(*(browser.get(f"{path}&width=300") for _ in range(3)))

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert await answers[0].read() == draw("Film 1", WIDTHS[1])
    headers = answers[0].headers
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == f"private, max-age={int(KEPT.total_seconds())}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert asked(shown) == 1
    assert shown.entries["jellyfin"].data["token"] not in path
    # The next size is another picture; an absurd one is the smallest there is.
    assert (await browser.get(f"{path}&width=480")).status == 200
    for width in ("99999999", "-1", "x", "\N{SUPERSCRIPT TWO}"):
        assert (await browser.get(path, params={"width": width})).status == 200
    assert asked(shown) == 3


async def test_an_address_is_for_whoever_it_was_signed_for(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without a signature, or with that of another picture, nothing is sent."""
    film, other = item(shown, FILM), item(shown, OTHER)
    path = (await signed(shown, hass_ws_client, film))[film]
    browser = await hass_client_no_auth()

    assert (await browser.get(path.partition("?")[0])).status == 401
    assert (await browser.get(path.replace(film, other))).status == 401
    assert asked(shown) == 0


async def test_who_may_not_see_the_titles_sees_no_poster(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Nothing is signed for them; what was signed before their account became private ends."""
    hass, film = shown.hass, item(shown, FILM)
    anna, ben = await ordinary_user(hass, "Anna"), await ordinary_user(hass, "Ben")
    await persons(hass, Anna=anna, Ben=ben)
    token = await access_token(hass, ben)
    path = (await signed(shown, hass_ws_client, film, token=token))[film]
    browser = await hass_client_no_auth()
    assert (await browser.get(path)).status == 200

    hass.config_entries.async_update_entry(shown.entries["jellyfin"], options={"private": True, "person": "anna"})
    await shown.settle()

    assert await signed(shown, hass_ws_client, film, token=token) == {}
    assert (await browser.get(path)).status == 404
    assert film in await signed(shown, hass_ws_client, film, token=await access_token(hass, anna))


async def test_an_account_without_posters(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The option turns them off, at once and for addresses that are known."""
    film = item(shown, FILM)
    path = (await signed(shown, hass_ws_client, film))[film]
    shown.hass.config_entries.async_update_entry(shown.entries["jellyfin"], options={"artwork": False})
    await shown.settle()

    assert await signed(shown, hass_ws_client, film) == {}
    assert (await (await hass_client_no_auth()).get(path)).status == 404
    assert asked(shown) == 0


@pytest.mark.parametrize("content", [None, b"<svg/>"], ids=["missing", "no picture"])
async def test_what_is_not_there_is_not_asked_for_again(
    shown: Household,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    content: bytes | None,
) -> None:
    """Neither a missing picture nor a wrong one costs its server a request at each look."""
    server, film = shown.server("jellyfin"), item(shown, FILM)
    server.pictures.drawn = False
    if content is not None:
        server.pictures.own[film] = content
    path = (await signed(shown, hass_ws_client, film))[film]
    browser = await hass_client_no_auth()

    assert [(await browser.get(path)).status for _ in range(3)] == [404, 404, 404]
    assert asked(shown) == 1


async def test_a_server_that_is_away_is_not_waited_for(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """What was seen before is shown, everything else is left out."""
    film, other = item(shown, FILM), item(shown, OTHER)
    paths = await signed(shown, hass_ws_client, film, other)
    browser = await hass_client_no_auth()
    assert (await browser.get(paths[film])).status == 200
    shown.server("jellyfin").faults.add("GET /Items", Status(503), times=None)
    await shown.entries["jellyfin"].runtime_data.account.async_refresh()
    before = asked(shown)

    assert (await browser.get(paths[film])).status == 200
    assert (await browser.get(paths[other])).status == 404
    assert asked(shown) == before


async def test_no_more_is_kept_than_there_is_room_for(
    shown: Household, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The picture that nobody looked at for longest goes first."""
    server, keys = shown.server("jellyfin"), [item(shown, f"film-{number}") for number in range(1, 21)]
    large = draw("Large", 16) + bytes(MOST_KEPT_BYTES // 18)
    server.pictures.own |= dict.fromkeys(keys, large)
    paths = await signed(shown, hass_ws_client, *keys)
    browser = await hass_client_no_auth()
    for key in keys:
        assert (await browser.get(paths[key])).status == 200
    assert asked(shown) == len(keys)

    await browser.get(paths[keys[-1]])
    assert asked(shown) == len(keys)
    await browser.get(paths[keys[0]])
    assert asked(shown) == len(keys) + 1


async def test_a_page_asks_for_what_it_shows(shown: Household, hass_ws_client: WebSocketGenerator) -> None:
    """Not for thousands at once, and not for what is no account."""
    client = await hass_ws_client()
    too_many = [str(number) for number in range(MOST_SIGNED + 1)]
    await client.send_json_auto_id({"type": SIGN_ARTWORK, "config_entry_id": "entry-jellyfin", "item_ids": too_many})
    assert (await client.receive_json())["error"]["code"] == "invalid_format"
    await client.send_json_auto_id({"type": SIGN_ARTWORK, "config_entry_id": "nothing", "item_ids": ["1"]})
    assert (await client.receive_json())["result"] == {}
