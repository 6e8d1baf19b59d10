"""Titles taken off Plex's "Continue Watching", and what the hub tells."""

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.hub import read_hub
from custom_components.resume_sync.sync.media_server import (
    AnotherServer,
    CannotConnect,
    InvalidAuth,
    NotFound,
    NotSupported,
    ServerBusy,
)
from custom_components.resume_sync.sync.model import Hub, ItemState
from tests.servers.plex.attic import HOUR, START, attic, client_of, only, state_of, write
from tests.servers.plex.connection import NOW, connected
from tests.servers.plex.script import scripted
from tests.simulators.faults import HtmlPage, Status

pytestmark = pytest.mark.usefixtures("socket_enabled")

HUB = "GET /hubs/continueWatching/items"
HIDE = "PUT /actions/removeFromContinueWatching"
ITEMS = "/hubs/continueWatching/items"


def hub_of(shown: dict[str, str], *, at: float = START, whole: bool = True) -> Hub:
    """Return a hub that shows these items, as read at a time in seconds."""
    return Hub(shown, round(at * 1000), whole=whole)


@pytest.mark.parametrize("user", ["olivia", "henry", "frank"])
async def test_a_title_is_hidden(user: str) -> None:
    """One request; everything that is stored of the title stays, and it is shown again with its next position."""
    async with attic() as server, client_of(server, user) as client:
        alien, brazil = only(server, "alien"), only(server, "brazil")
        server.set_state(user, alien, position_ms=HOUR, watched=True, play_count=3, last_played=START - 50)
        server.set_state(user, brazil, position_ms=HOUR, last_played=START - 60)
        before = await state_of(client, alien)
        assert await client.hub() == hub_of({alien: alien, brazil: brazil})
        server.traffic.reset()

        await client.hide(before)

        assert server.traffic.requests(HIDE) == server.traffic.writes == 1
        assert await client.hub() == hub_of({brazil: brazil})
        assert await state_of(client, alien) == before
        assert alien in (await client.in_progress()).items
        await write(client, alien, HOUR)
        assert await client.hub() == hub_of({alien: alien, brazil: brazil})


async def test_the_hub_shows_one_episode_of_a_show() -> None:
    """Also one that is only the next, and nothing that was left long ago."""
    async with attic() as server, client_of(server) as client:
        first, second = (only(server, f"expanse/s01e0{number}") for number in (1, 2))
        show = server.holdings[first].show_id or ""
        server.set_state("olivia", only(server, "alien"), position_ms=HOUR, last_played=START - 200 * 24 * 3600)
        server.set_state("olivia", first, position_ms=HOUR // 2, last_played=START - 70)
        assert await client.hub() == hub_of({first: show})
        server.set_state("olivia", second, position_ms=HOUR // 2, last_played=START - 60)
        assert await client.hub() == hub_of({second: show})
        server.viewer("olivia").mark_watched(second)
        assert await client.hub() == hub_of({only(server, "expanse/s01e03"): show})


async def test_a_title_that_is_gone() -> None:
    """It is not found, also where its id is no id of this server."""
    async with attic() as server, client_of(server) as client:
        alien = only(server, "alien")
        state = await state_of(client, alien)
        server.delete(alien)
        with pytest.raises(NotFound):
            await client.hide(state)
        server.traffic.reset()
        foreign = ItemState(state.item.__class__("f" * 32, state.item.kind, "Alien"), 1)
        with pytest.raises(NotFound):
            await client.hide(foreign)
        assert server.traffic.table() == {}


@pytest.mark.parametrize("status", [400, 404, 405])
async def test_a_server_that_cannot_hide(status: int) -> None:
    """The title is there, so it is the request that the server does not know."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(HIDE, Status(status), times=5)
        with pytest.raises(NotSupported):
            await client.hide(await state_of(client, only(server, "alien")))


async def test_nobody_hides_for_the_owner() -> None:
    """A user whose dead token acts as the owner writes nothing."""
    async with attic() as server, client_of(server, "henry") as client:
        state = await state_of(client, only(server, "alien"))
        server.allowed_without_auth = True
        server.revoke_token("henry")
        with pytest.raises(InvalidAuth):
            await client.hide(state)
        assert server.traffic.requests(HIDE) == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_hub_that_is_not_told(status: int) -> None:
    """It tells nothing then: neither what is shown, nor that something failed."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(HUB, Status(status))
        assert await client.hub() is None
        server.faults.add(HUB, HtmlPage())
        assert await client.hub() is None


async def test_a_server_that_is_away() -> None:
    """That is an outage like any other."""
    async with attic() as server, client_of(server) as client:
        server.faults.add(HUB, Status(503))
        with pytest.raises(ServerBusy):
            await client.hub()
        await server.stop()
        with pytest.raises(CannotConnect):
            await client.hub()


@pytest.mark.parametrize(
    ("rows", "attributes", "hub"),
    [
        ('<Video ratingKey="5" />', 'size="1"', hub_of({"5": "5"}, at=NOW / 1000)),
        (
            '<Video ratingKey="5" grandparentRatingKey="4" />',
            'size="1" totalSize="1"',
            hub_of({"5": "4"}, at=NOW / 1000),
        ),
        ('<Video ratingKey="5" grandparentRatingKey="x" />', 'size="1"', hub_of({"5": "5"}, at=NOW / 1000)),
        ('<Video ratingKey="5" />', 'size="1" totalSize="2"', hub_of({"5": "5"}, at=NOW / 1000, whole=False)),
        ('<Video ratingKey="5" />', 'size="1" totalSize="many"', hub_of({"5": "5"}, at=NOW / 1000, whole=False)),
        ('<Video ratingKey="5" /><Video title="?" />', 'size="2"', hub_of({"5": "5"}, at=NOW / 1000, whole=False)),
        ("".join(f'<Video ratingKey="{key}" />' for key in range(1, 1001)), 'size="1000"', None),
    ],
)
async def test_what_may_be_missing(rows: str, attributes: str, hub: Hub | None) -> None:
    """A hub with more than it shows, or with what cannot be read, proves of no title that it is not there."""
    answers = {ITEMS: web.Response(text=f"<MediaContainer {attributes}>{rows}</MediaContainer>")}
    async with scripted(answers) as script, connected(script.url) as transport:
        read = await read_hub(transport)
        assert read is not None
        assert read == hub or (hub is None and not read.whole and len(read.shown) == 1000)
        assert script.requests[-1].query["count"] == "1000"


async def test_another_server_tells_no_hub() -> None:
    """What another server shows proves nothing here."""
    async with attic() as server, connected(server.url, token=server.token("olivia"), server_id="other") as transport:
        with pytest.raises(AnotherServer):
            await read_hub(transport)
