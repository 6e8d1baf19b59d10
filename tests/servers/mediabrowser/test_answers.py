"""Answers of Jellyfin and Emby that are wrong in ways which simulators of the real servers do not have."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    MediaServerError,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import Item, MediaKind, Snapshot, StateRead

from .answers import Handler, answering, by_path
from .samples import sample

pytestmark = pytest.mark.usefixtures("socket_enabled")

USER = "d" * 32
FILM, OTHER = "a" * 32, "b" * 32


def row(item_id: object, ticks: int = 10_000_000, **changes: Any) -> dict[str, Any]:
    """Return a row of a film."""
    data = {"PlaybackPositionTicks": ticks, "Played": False, "IsFavorite": False, "PlayCount": 1}
    return {"Id": item_id, "Type": "Movie", "Name": "Tide", "UserData": data} | changes


def page(*rows: object, total: int = 0) -> dict[str, Any]:
    """Return a page."""
    return {"Items": list(rows), "TotalRecordCount": total}


async def emby_states(answer: object, *item_ids: str) -> StateRead:
    """Read states from an Emby that gives one answer."""
    async with answering(by_path({f"/Users/{USER}/Items": answer})) as url, aiohttp.ClientSession() as session:
        client = EmbyServer(session, url=url, token="t", user_id=USER, device_id="d")
        return await client.states(item_ids)


async def emby_in_progress(handler: Handler) -> Snapshot:
    """List what is in progress on a server."""
    async with answering(handler) as url, aiohttp.ClientSession() as session:
        return await EmbyServer(session, url=url, token="t", user_id=USER, device_id="d").in_progress()


async def jellyfin_states(answers: Mapping[str, object], *item_ids: str, version: str = "12.0.0") -> StateRead:
    """Read states from a Jellyfin that answers by path."""
    public = sample("jellyfin", "system_info_public") | {"Version": version}
    about = {"/System/Info/Public": public, f"/Users/{USER}": {"Id": USER}}
    async with answering(by_path(about | dict(answers))) as url, aiohttp.ClientSession() as session:
        client = JellyfinServer(session, url=url, token="t", user_id=USER, device_id="d")
        return await client.states(item_ids)


async def test_rows_that_were_not_asked_for_are_refused() -> None:
    """Asked for unknown ids, a server that answers with its whole library is not believed."""
    with pytest.raises(BadResponse):
        await emby_states(page(row("7"), row("8")), "7")
    with pytest.raises(BadResponse):
        await emby_states(page(row("7"), total=2), "7", "8")
    with pytest.raises(BadResponse):
        await jellyfin_states({"/Items": page(row(OTHER))}, FILM)
    with pytest.raises(BadResponse):
        await jellyfin_states({"/Items": page(), f"/Items/{FILM}": row(OTHER)}, FILM)


async def test_a_row_without_an_id_leaves_doubt() -> None:
    """It may be any of those that are missing; on Jellyfin 12 each of them is asked for by itself."""
    emby = await emby_states(page(row("7"), row(None)), "7", "8")
    assert (set(emby.items), emby.absent, set(emby.unknown)) == ({"7"}, frozenset(), {"8"})

    jellyfin = await jellyfin_states({"/Items": page(row(None))}, FILM)
    older = await jellyfin_states({"/Items": page(row(None))}, FILM, version="10.11.11")
    assert not jellyfin.items
    assert jellyfin.absent == {FILM}
    assert (older.absent, set(older.unknown)) == (frozenset(), {FILM})


async def test_rows_that_are_not_understood() -> None:
    """In a batch, in a single read, and in a listing: unknown, and no more than that."""
    odd = row(FILM, UserData={"PlaybackPositionTicks": "much"})
    batch = await jellyfin_states({"/Items": page(odd)}, FILM)
    single = await jellyfin_states({"/Items": page(), f"/Items/{FILM}": odd}, FILM)
    for read in (batch, single):
        assert (read.unknown[FILM].reason, read.absent, len(read.items)) == ("position", frozenset(), 0)

    odd = row("8", UserData={})
    rows = page(row("7"), odd, row("10", Type="Trailer"), row(""), row("9", ticks=0), total=5)
    snapshot = await emby_in_progress(by_path({f"/Users/{USER}/Items": rows}))
    assert (set(snapshot.items), set(snapshot.unknown)) == ({"7"}, {"8"})
    assert (snapshot.nameless_rows, snapshot.other_rows) == (1, 1)


async def test_a_server_that_repeats_its_first_page() -> None:
    """Paging that is ignored ends in an error, not in an endless read."""
    rows = page(*(row(str(number + 1)) for number in range(500)))
    with pytest.raises(BadResponse):
        await emby_in_progress(by_path({f"/Users/{USER}/Items": rows}))
    nameless = page(*(row(None) for _ in range(500)))
    with pytest.raises(BadResponse):
        await emby_in_progress(by_path({f"/Users/{USER}/Items": nameless}))


async def test_a_title_missed_between_two_pages_is_noticed() -> None:
    """It moves from the second page to the first while they are read; the total is higher than the rows."""

    async def handler(request: web.Request) -> web.Response:
        start = int(request.query["StartIndex"])
        numbers = range(1, 501) if start == 0 else range(500, 510)
        return web.json_response(page(*(row(str(number)) for number in numbers), total=510))

    with pytest.raises(BadResponse):
        await emby_in_progress(handler)


async def test_a_title_that_is_deleted_between_two_pages() -> None:
    """All that follow move up by one: the first one of the second page is never seen, and the last total is right."""

    async def handler(request: web.Request) -> web.Response:
        start = int(request.query["StartIndex"])
        numbers, total = (range(1, 501), 510) if start == 0 else (range(502, 511), 509)
        return web.json_response(page(*(row(str(number)) for number in numbers), total=total))

    with pytest.raises(BadResponse):
        await emby_in_progress(handler)


async def test_a_season_lists_episodes_with_files_and_specials() -> None:
    """Episodes without a file are left out; a special keeps season 0."""
    show = {"Id": "5", "Type": "Series", "Name": "Road", "ProviderIds": {"Tvdb": "7"}}
    numbers: list[tuple[str, int, int, str]] = [
        ("11", 1, 1, "Virtual"),
        ("12", 1, 1, "FileSystem"),
        ("13", 0, 1, "FileSystem"),
    ]
    episodes = [
        {"Id": key, "Type": "Episode", "ParentIndexNumber": season, "IndexNumber": number, "LocationType": location}
        for key, season, number, location in numbers
    ]
    answers = {f"/Users/{USER}/Items": page(show), "/Shows/5/Episodes": page(*episodes)}
    wanted = Item("w", MediaKind.EPISODE, "", show_ids=frozenset({"show:tvdb:7"}), season=1, episode=1)
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        client = EmbyServer(session, url=url, token="t", user_id=USER, device_id="d")
        found = await client.find([wanted])

    assert [item.item_id for item in found["w"]] == ["12"]


@pytest.mark.parametrize("configuration", [None, [], {}, {"LatestItemsExcludes": "x"}, {"LatestItemsExcludes": [None]}])
async def test_malformed_settings_of_a_user_hide_no_library(configuration: object) -> None:
    """Only a list of library ids hides libraries."""
    public = sample("jellyfin", "system_info_public") | {"Version": "12.0.0-rc5"}
    answers = {
        "/System/Info/Public": public,
        f"/Users/{USER}": {"Id": USER, "Configuration": configuration},
        "/UserItems/Resume": page(row(FILM)),
    }
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        client = JellyfinServer(session, url=url, token="t", user_id=USER, device_id="d")
        assert set((await client.in_progress()).items) == {FILM}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"StartupWizardCompleted": False}, ServerBusy),
        ({"Version": None}, UnsupportedVersion),
        ({"Version": "unknown"}, UnsupportedVersion),
        ({"Version": 10}, UnsupportedVersion),
        ({"Id": ""}, BadResponse),
        ({"Id": None}, BadResponse),
    ],
)
async def test_an_unusable_server_is_refused_by_its_public_information(
    changes: dict[str, object], error: type[MediaServerError]
) -> None:
    """A server that starts is busy, one whose version cannot be read is too old; anything else is not a Jellyfin."""
    public = sample("jellyfin", "system_info_public") | changes
    async with answering(by_path({"/System/Info/Public": public})) as url, aiohttp.ClientSession() as session:
        with pytest.raises(error):
            await JellyfinSignIn(session, url=url, device_id="d").server_info()


async def test_a_server_without_a_name() -> None:
    """It gets the name of its kind."""
    public = sample("jellyfin", "system_info_public") | {"ServerName": None}
    async with answering(by_path({"/System/Info/Public": public})) as url, aiohttp.ClientSession() as session:
        assert (await JellyfinSignIn(session, url=url, device_id="d").server_info()).name == "Jellyfin"
