"""Accidents over HTTP that move or lose many positions at once: held, then applied or given back."""

from collections.abc import Mapping, Sequence

import pytest

from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, RemoveMode
from custom_components.resume_sync.sync.plan.brake import Approval, answer
from tests.households.media_servers import MINUTE
from tests.simulators.library import Film

from .home import USER, Home, open_home

PAIR = ("jellyfin", "emby")
FILMS = tuple(
    Film(f"film-{number}", f"Film {number}", 2000 + number, 100 * MINUTE, {"imdb": f"tt{1000000 + number}"})
    for number in range(40)
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


def held_positions(home: Home, films: Sequence[Film], name: str) -> dict[int, int]:
    """Return how many titles stand at which minute on a server."""
    minutes = [home.servers.minute(name, film.key) for film in films]
    return {minute: minutes.count(minute) for minute in sorted(set(minutes))}


def shown(home: Home, films: Sequence[Film]) -> Mapping[str, dict[int, int]]:
    """Return the same of both servers."""
    return {name: held_positions(home, films, name) for name in PAIR}


async def rounds(home: Home, count: int = 3) -> None:
    """Let automatic rounds pass."""
    for _ in range(count):
        home.clock.advance(300)
        await home.round()


async def in_sync(home: Home, films: Sequence[Film]) -> None:
    """Let both servers hold all titles at 50 min."""
    for film in films:
        home.servers.leave("jellyfin", film.key, 50 * MINUTE)
    await home.round(approval=Approval.EVERYTHING)
    await rounds(home, 1)
    assert shown(home, films) == {name: {50: len(films)} for name in PAIR}


@pytest.mark.parametrize("choice", ["one", "apply", "keep", "approve"])
async def test_forty_of_forty_positions_are_replaced_at_once(choice: str) -> None:
    """A tool moves all of them on Jellyfin: nothing is written until somebody says so, and only what was shown."""
    async with open_home(PAIR, [PAIR], PairRules(), films=FILMS) as home:
        await in_sync(home, FILMS)
        for film in FILMS:
            home.servers.leave("jellyfin", film.key, 10 * MINUTE, ago=0)
        await rounds(home)
        assert shown(home, FILMS) == {"jellyfin": {10: 40}, "emby": {50: 40}}

        report = (await home.round())[PAIR]
        assert report.held == 40
        ledger = home.ledgers[PAIR]
        if choice == "approve":
            await home.round(approval=Approval.EVERYTHING)
        else:
            answer(ledger, report.decisions[: 1 if choice == "one" else 40], apply=choice != "keep")
        await rounds(home)

        expected = {"one": {10: 1, 50: 39}, "keep": {50: 40}}
        assert shown(home, FILMS) == {"jellyfin": {10: 40}, "emby": expected.get(choice, {10: 40})}
        # A viewer moves a title on: it is synced as ever, whatever was answered.
        home.servers.leave("emby", "film-7", 70 * MINUTE, ago=0)
        await rounds(home, 1)
        assert home.servers.minutes("film-7") == {"jellyfin": 70, "emby": 70}


@pytest.mark.parametrize("direction", [Direction.TWO_WAY, Direction.TO_PEER])
@pytest.mark.parametrize("titles", [2, 4, 9])
@pytest.mark.parametrize("meant", [True, False])
async def test_a_server_is_reset(titles: int, direction: Direction, *, meant: bool) -> None:
    """Jellyfin lost its data: the other server keeps its own, until it was meant, or all is given back."""
    films = FILMS[:titles]
    rules = PairRules(direction=direction, remove=RemoveMode.SOURCE)
    async with open_home(PAIR, [PAIR], rules, films=films) as home:
        await in_sync(home, films)
        for film in films:
            home.servers["jellyfin"].set_state(
                USER, home.servers.item("jellyfin", film.key), position_ms=0, last_played=None
            )
        await rounds(home)
        assert shown(home, films) == {"jellyfin": {0: titles}, "emby": {50: titles}}
        journal = home.accounts["jellyfin"].journal
        assert len(journal.held()) == titles

        journal.answer_held(set(journal.held()), meant=meant, now=home.now())
        await rounds(home)

        # Given back by a pair that may write there; a one-way pair never writes to its source.
        gets_back = direction is Direction.TWO_WAY and not meant
        expected = {
            "jellyfin": {50: titles} if gets_back else {0: titles},
            "emby": {0: titles} if meant else {50: titles},
        }
        assert shown(home, films) == expected
        if not meant and not gets_back:
            reasons = {one.reason for one in (await home.round())[PAIR].decisions}
            assert reasons == {Reason.LOST_ON_SOURCE}
