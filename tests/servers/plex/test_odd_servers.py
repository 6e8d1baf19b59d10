"""Servers that answer other than asked: pages, sorting, rows and numbers."""

from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.plex.listing import PlexLibrary
from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.servers.plex.connection import NOW, connected
from tests.servers.plex.script import Script, payload, scripted

pytestmark = pytest.mark.usefixtures("socket_enabled")


def pages(*bodies: str) -> Any:
    """Return a handler that answers page by page."""
    left = list(bodies)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=left.pop(0), content_type="text/xml")

    return answer


def page(keys: range, counts: str = "") -> str:
    """Return a page with these rating keys."""
    rows = "".join(f'<Video ratingKey="{key}" type="movie" viewOffset="1" />' for key in keys)
    return f'<MediaContainer size="{len(keys)}" {counts}>{rows}</MediaContainer>'


@pytest.mark.parametrize(
    ("bodies", "rows"),
    [
        ([page(range(2)), page(range(2, 3))], 3),
        ([page(range(2), 'totalSize="0"'), page(range(2, 2))], 2),
        ([page(range(5), 'totalSize="5"')], 5),
        ([page(range(2), 'totalSize="3"'), page(range(2, 3), 'totalSize="4"')], None),
        ([page(range(2)), page(range(2))], None),
        ([page(range(2)), page(range(2, 4), 'offset="0"')], None),
        ([page(range(1), 'totalSize="many"')], None),
        ([page(range(2)), ""], None),
        ([page(range(key, key + 2)) for key in range(1000)], None),
    ],
)
async def test_pages(bodies: list[str], rows: int | None) -> None:
    """A listing ends at a short page and holds what its total says, or it is an error."""
    async with scripted({"/x": pages(*bodies)}) as script, connected(script.url) as transport:
        library = PlexLibrary(transport, lambda: NOW)
        if rows is None:
            with pytest.raises(BadResponse):
                await library.pages("/x", {}, page_size=2)
        else:
            assert len((await library.pages("/x", {}, page_size=2)).rows) == rows


def client_for(script: Script) -> PlexServer:
    """Return an owner's client of a scripted server."""
    return PlexServer(
        url=script.url,
        token="secret-token",
        user_id="1",
        user_name="olivia",
        device_id="our-device",
        now=lambda: NOW,
        confirm_seconds=0,
    )


async def test_a_server_that_takes_no_sort() -> None:
    """The sort is left out from then on."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "sort" in request.query:
            return web.Response(status=400)
        name = "in_progress_movies.xml" if request.query["type"] == "1" else "in_progress_episodes_all_sections.xml"
        return web.Response(text=payload(name), content_type="text/xml")

    async with scripted({"/library/all": answer, "/library/metadata/14": payload("metadata_shows.xml")}) as script:
        client = client_for(script)
        snapshot = await client.in_progress()
        assert snapshot.items.keys() == {"1", "3", "16", "20", "57"}
        assert "show:tvdb:300001" in snapshot.items["20"].item.show_ids
        assert script.paths == ["/identity", *["/library/all"] * 3, "/library/metadata/14"]
        await client.close()


async def test_odd_rows_in_a_listing() -> None:
    """They are named or counted, and the rest is a snapshot."""
    rows = (
        '<MediaContainer size="4">'
        '<Video type="movie" viewOffset="5" /><Video type="movie" ratingKey="2" viewOffset="soon" />'
        '<Video ratingKey="3" viewOffset="5" /><Video type="movie" ratingKey="4" viewOffset="5" /></MediaContainer>'
    )

    async def answer(request: web.Request) -> web.StreamResponse:
        films = request.query["type"] == "1"
        return web.Response(text=rows if films else page(range(0)), content_type="text/xml")

    sections = '<MediaContainer size="0" />'
    async with scripted({"/library/all": answer, "/library/sections": sections}) as script:
        client = client_for(script)
        snapshot = await client.in_progress()
        assert list(snapshot.items) == ["4"]
        assert {key: row.reason for key, row in snapshot.unknown.items()} == {
            "2": "viewOffset is no number",
            "3": "no type",
        }
        assert snapshot.nameless_rows == 1
        await client.close()


async def test_odd_rows_in_a_batch() -> None:
    """With a row that names no item, nothing is certain to be absent."""
    rows = (
        '<MediaContainer size="3"><Video type="movie" ratingKey="1" /><Video type="movie" />'
        '<Video type="movie" ratingKey="9" /></MediaContainer>'
    )
    broken = '<MediaContainer size="1"><Video type="movie" ratingKey="3" viewOffset="x" /></MediaContainer>'
    answers = {"/library/metadata/1,2": rows, "/library/metadata/3,4": broken}
    async with scripted(answers) as script:
        client = client_for(script)
        read = await client.states(["1", "2"])
        assert list(read.items) == ["1"]
        assert (read.absent, list(read.unknown)) == (frozenset[str](), ["2"])
        read = await client.states(["3", "4"])
        assert (read.absent, read.unknown["3"].reason) == (frozenset({"4"}), "viewOffset is no number")
        await client.close()


async def test_a_server_that_answers_with_everything() -> None:
    """Rows that were not asked for make the look-up go the long way: sections, and all episodes of a show."""
    answers = {
        "/library/all": payload("in_progress_episodes_all_sections.xml"),
        "/library/sections": payload("sections.xml"),
        "/library/sections/2/all": payload("metadata_shows.xml"),
        "/library/sections/5/all": page(range(0)),
        "/library/metadata/14/allLeaves": payload("in_progress_episodes.xml"),
    }
    guid = "episode:plex:c8e563fe48e4740942f514e3"
    item = Item(
        "other",
        MediaKind.EPISODE,
        "Chapter 3",
        frozenset({guid}),
        show_title="Series 001",
        show_ids=frozenset({"show:tvdb:300001"}),
        season=1,
        episode=3,
    )
    async with scripted(answers) as script:
        client = client_for(script)
        for _ in range(2):
            (hit,) = (await client.find([item]))["other"]
            assert (hit.item_id, guid in hit.ids) == ("20", True)
        assert script.paths.count("/library/metadata/14/allLeaves") == 1
        await client.close()


async def test_a_server_that_ignores_numbers() -> None:
    """Episodes that were not asked for make the client read whole shows from then on."""

    async def everything(request: web.Request) -> web.StreamResponse:
        name = "metadata_shows.xml" if request.query["type"] == "2" else "in_progress_episodes_all_sections.xml"
        return web.Response(text=payload(name), content_type="text/xml")

    leaves = "/library/metadata/14/allLeaves"
    async with scripted({"/library/all": everything, leaves: payload("in_progress_episodes.xml")}) as script:
        client = client_for(script)
        item = Item(
            "other",
            MediaKind.EPISODE,
            "?",
            show_title="Series 001",
            show_ids=frozenset({"show:tvdb:300001"}),
            season=1,
            episode=3,
        )
        for _ in range(2):
            (hit,) = (await client.find([item]))["other"]
            assert hit.item_id == "20"
        queries = [request.query for request in script.requests if request.path == "/library/all"]
        assert [query["type"] for query in queries] == ["2", "4", "2"]
        assert script.paths.count(leaves) == 1
        await client.close()


async def test_a_server_that_knows_no_numbers() -> None:
    """No answer by number though the show has the episode: the query is not sent again."""

    async def shows_only(request: web.Request) -> web.StreamResponse:
        text = payload("metadata_shows.xml") if request.query["type"] == "2" else page(range(0))
        return web.Response(text=text, content_type="text/xml")

    leaves = "/library/metadata/14/allLeaves"
    async with scripted({"/library/all": shows_only, leaves: payload("in_progress_episodes.xml")}) as script:
        client = client_for(script)
        item = Item("o", MediaKind.EPISODE, "?", show_title="S", show_ids=frozenset({"show:tvdb:300001"}))
        numbered = Item("n", MediaKind.EPISODE, "?", show_ids=item.show_ids, season=0, episode=1)
        for _ in range(2):
            hits = await client.find([numbered])
            assert [hit.item_id for hit in hits["n"]] == ["16"]
        assert await client.find([item]) == {"o": ()}
        queries = [request.query["type"] for request in script.requests if request.path == "/library/all"]
        assert queries == ["2", "4"]
        await client.close()
