"""Rows with values that nobody can have meant, over HTTP: what is synced, what is left alone, and what is shown."""

from collections.abc import Callable
import json
import re
from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.households.media_servers import MINUTE
from tests.simulators.faults import Tampered
from tests.simulators.library import Film

from .home import Home, one, open_home

FILM = Film("film", "Harbour", 2011, 100 * MINUTE, {"imdb": "tt4400001", "tmdb": "440001"})
OTHER = Film("other", "Tide", 2012, 100 * MINUTE, {"imdb": "tt4400002", "tmdb": "440002"})
KINDS = ("plex", "jellyfin", "emby")
TO_ANOTHER = [("plex", "jellyfin"), ("jellyfin", "plex"), ("emby", "jellyfin")]
DAYS = 24 * 3600

pytestmark = pytest.mark.usefixtures("socket_enabled")


def attributes(**values: object) -> Callable[[web.Response], web.Response]:
    """Return what sets attributes in the rows of the film in Plex's answers."""

    def change(response: web.Response) -> web.Response:
        text = (response.text or "").replace("<Video ", "\n<Video ")
        rows = [_with_attributes(line, values) if 'title="Harbour"' in line else line for line in text.split("\n")]
        response.text = "".join(rows)
        return response

    return change


def _with_attributes(row: str, values: dict[str, object]) -> str:
    """Return a row with some attributes set, as its first ones."""
    for name, value in values.items():
        row = re.sub(rf' {name}="[^"]*"', "", row, count=1).replace("<Video ", f'<Video {name}="{value}" ', 1)
    return row


def fields(**values: object) -> Callable[[web.Response], web.Response]:
    """Return what sets fields in the rows of the film in the answers of Jellyfin and Emby; user data among them."""

    def change(response: web.Response) -> web.Response:
        body: Any = json.loads(response.text or "null")
        for row in body["Items"] if isinstance(body, dict) and "Items" in body else [body]:
            if isinstance(row, dict) and row.get("Name") == "Harbour" and "UserData" in row:
                for name, value in values.items():
                    (row if name == "RunTimeTicks" else row["UserData"])[name] = value
        response.text = json.dumps(body)
        return response

    return change


def tamper(home: Home, name: str, change: Callable[[web.Response], web.Response]) -> None:
    """Let one server tell other values of the film from now on, whatever it is asked."""
    routes = ["GET /library/*"] if name == "plex" else ["GET /Items*", "GET /UserItems*", "GET /Users/*/Items*"]
    for route in routes:
        home.servers[name].faults.add(route, Tampered(change), times=None)


@pytest.mark.parametrize(
    "values",
    [
        {"lastViewedAt": 910_692_730_085},
        {"lastViewedAt": -5},
        {"lastViewedAt": "yesterday", "viewedAt": "tomorrow"},
        {"viewCount": 2**32 - 1},
        {"viewCount": -1},
        {"duration": -1},
        {"duration": 0},
        {"viewOffset": "2000000.7", "duration": "6000000.5"},
    ],
    ids=str,
)
async def test_row_of_plex_with_an_impossible_date(values: dict[str, object]) -> None:
    """And with other values that a decision can do without: the title is synced."""
    async with open_home(KINDS, [("plex", "jellyfin"), ("plex", "emby")], PairRules(), films=[FILM]) as home:
        home.servers.leave("plex", "film", 2_000_000)
        tamper(home, "plex", attributes(**values))
        await home.round()
        assert home.servers.positions("film") == dict.fromkeys(KINDS, 2_000_000)
        home.clock.advance(300)
        assert all(one(report, "Harbour").reason is Reason.IN_SYNC for report in (await home.round()).values())


@pytest.mark.parametrize("kind", ["jellyfin", "emby"])
@pytest.mark.parametrize(
    "values",
    [
        {"LastPlayedDate": "30828-09-14T02:48:05.0000000Z"},
        {"LastPlayedDate": "9999-12-31T23:59:59.9999999Z"},
        {"LastPlayedDate": 1_700_000_000},
        {"PlayCount": 2**32 - 1},
        {"PlayCount": -1},
        {"RunTimeTicks": -1},
        {"RunTimeTicks": 0},
        {"PlaybackPositionTicks": "20000000000", "RunTimeTicks": "60000000000"},
        {"PlaybackPositionTicks": 20_000_000_000.7, "RunTimeTicks": 60_000_000_000.5},
    ],
    ids=str,
)
async def test_row_of_jellyfin_or_emby_with_an_impossible_value(kind: str, values: dict[str, object]) -> None:
    """As on Plex."""
    async with open_home(("plex", kind), [(kind, "plex")], PairRules(), films=[FILM]) as home:
        home.servers.leave(kind, "film", 2_000_000)
        tamper(home, kind, fields(**values))
        await home.round()
        assert home.servers.position("plex", "film") == 2_000_000
        home.clock.advance(300)
        (report,) = (await home.round()).values()
        assert one(report, "Harbour").reason is Reason.IN_SYNC


@pytest.mark.parametrize("remove", [RemoveMode.OFF, RemoveMode.SOURCE])
@pytest.mark.parametrize("kind", ["jellyfin", "emby"])
@pytest.mark.parametrize(
    "date",
    [
        None,
        "0001-01-01T00:00:00.0000000Z",
        "1601-01-01T00:00:00.0000000Z",
        "1899-12-30T00:00:00.0000000Z",
        "1970-01-01T00:00:00.0000000Z",
        "1999-12-31T23:59:59.9999999Z",
    ],
)
async def test_watched_with_date_of_1970(date: str | None, kind: str, remove: RemoveMode) -> None:
    """Ticked off by hand: watched without an order, so the position of ten days ago is not written."""
    async with open_home(("plex", kind), [("plex", kind)], PairRules(remove=remove), films=[FILM]) as home:
        home.servers.leave("plex", "film", 2_000_000, ago=10 * DAYS)
        home.servers.leave(kind, "film", 0, watched=True)
        tamper(home, kind, fields(LastPlayedDate=date))
        for _ in range(3):
            (report,) = (await home.round()).values()
            assert one(report, "Harbour").reason is Reason.FINISHED_ON_TARGET
            home.clock.advance(300)
        assert home.servers.positions("film") == {"plex": 2_000_000, kind: 0}


@pytest.mark.parametrize("seconds", ["-62135596800", "-11644473600", "-2209075200", "1", "946684799", "910692730085"])
async def test_watched_on_plex_with_a_date_of_another_century(seconds: str) -> None:
    """The same the other way round."""
    async with open_home(("plex", "jellyfin"), [("jellyfin", "plex")], PairRules(), films=[FILM]) as home:
        home.servers.leave("jellyfin", "film", 2_000_000, ago=10 * DAYS)
        home.servers.leave("plex", "film", 0, watched=True)
        tamper(home, "plex", attributes(lastViewedAt=seconds, viewCount=1))
        (report,) = (await home.round()).values()
        assert one(report, "Harbour").reason is Reason.FINISHED_ON_TARGET
        assert home.servers.position("plex", "film") == 0


@pytest.mark.parametrize("pair", TO_ANOTHER)
@pytest.mark.parametrize("remove", [RemoveMode.OFF, RemoveMode.SOURCE])
async def test_title_without_a_position_that_can_be_read(pair: tuple[str, str], remove: RemoveMode) -> None:
    """It is unresolved in preview and sync, nothing is written either way, and the others are synced."""
    broken, other = pair
    async with open_home(pair, [pair], PairRules(remove=remove), films=[FILM, OTHER]) as home:
        home.servers.leave(broken, "film", 2_000_000)
        home.servers.leave(other, "film", 3_000_000)
        home.servers.leave(broken, "other", 1_000_000)
        odd = attributes(viewOffset=-5) if broken == "plex" else fields(PlaybackPositionTicks=-5)
        tamper(home, broken, odd)
        for mode in (RunMode.PREVIEW, RunMode.SYNC, RunMode.SYNC):
            decision = one(await home.run_pair(pair, mode), "Harbour")
            assert (decision.action, decision.reason) == (Action.UNRESOLVED, Reason.UNREADABLE)
            home.clock.advance(300)
        assert home.servers.positions("film") == {broken: 2_000_000, other: 3_000_000}
        assert home.servers.positions("other") == {broken: 1_000_000, other: 1_000_000}
        home.servers[broken].faults.clear()
        await home.round()
        assert len(set(home.servers.positions("film").values())) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_title_that_becomes_unreadable_is_not_removed(kind: str) -> None:
    """Both hold it; then one of them tells nothing sensible, while it was finished on the other."""
    other = "jellyfin" if kind == "emby" else "emby"
    async with open_home((kind, other), [(other, kind)], PairRules(remove=RemoveMode.SOURCE), films=[FILM]) as home:
        home.servers.leave(other, "film", 2_000_000)
        await home.round()
        tamper(home, kind, attributes(viewOffset=-5) if kind == "plex" else fields(PlaybackPositionTicks="much"))
        home.clock.advance(300)
        home.servers.leave(other, "film", 0, ago=0, watched=True)
        for _ in range(4):
            home.clock.advance(300)
            (report,) = (await home.round()).values()
            assert one(report, "Harbour").reason is Reason.UNREADABLE
        assert home.servers.position(kind, "film") == 2_000_000
