"""Emby alone: the full set of user data in each write, and look-ups by external id."""

from collections.abc import AsyncIterator

import pytest

from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer
from custom_components.resume_sync.sync.media_server import BadResponse, NotSupported
from custom_components.resume_sync.sync.model import Item, ItemState, MediaKind, PositionWrite, ServerType
from tests.simulators.faults import Status, WrongTotal
from tests.simulators.library import Film, Show, catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby

from .servers import FILM, MINUTE, SHOW, START, TALK, House, emby, wanted_episode, wanted_film, wanted_talk

pytestmark = pytest.mark.usefixtures("socket_enabled")

type EmbyHouse = House[SimulatedEmby, EmbyServer]

ITEMS = "GET /Users/{user}/Items"
SEASON = "GET /Shows/{item}/Episodes"


@pytest.fixture
async def house() -> AsyncIterator[EmbyHouse]:
    """An Emby that resets what a write leaves out, with a client."""
    async with emby(strict=True) as house:
        yield house


def test_traits() -> None:
    """The traits of Emby on which decisions depend."""
    traits = EmbyServer.dialect.traits

    assert (traits.server_type, traits.can_clear, traits.takes_date) == (ServerType.EMBY, True, True)
    assert (traits.writes_full_set, traits.takes_data_back) == (True, False)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("rating", [None, 7.5])
async def test_a_write_carries_everything(strict: bool, rating: float | None) -> None:
    """Whether Emby patches or replaces, only the position changes."""
    async with emby(strict=strict) as house:
        film = house.item("blue")
        house.server.set_state("anna", film, watched=True, play_count=5, favorite=True, last_played=START - 9)
        before = house.server.watch_state("anna", film)
        state = (await house.client.states([film])).items[film]
        rated = ItemState(
            state.item,
            state.position_ms,
            state.watched,
            state.play_count,
            state.last_played_server_ms,
            state.favorite,
            rating,
        )
        await house.client.write_position(PositionWrite(rated, 9 * MINUTE))

        after = house.server.watch_state("anna", film)
        assert (after.position_ms, after.rating) == (9 * MINUTE, rating)
        assert (after.watched, after.play_count, after.favorite, after.last_played) == (
            before.watched,
            before.play_count,
            before.favorite,
            before.last_played,
        )
        await house.client.clear_position(rated)
        cleared = house.server.watch_state("anna", film)
        assert (cleared.position_ms, cleared.watched, cleared.last_played) == (0, True, before.last_played)


async def test_a_rewatch_and_a_hidden_title_are_in_progress(house: EmbyHouse) -> None:
    """The resume list leaves these out; the library's listing does not."""
    film, episode = house.item("blue"), house.item("road/s01e01")
    house.server.set_state("anna", film, position_ms=9 * MINUTE, watched=True)
    house.server.set_state("anna", episode, position_ms=9 * MINUTE)
    house.server.viewer("anna").clear(episode)

    snapshot = await house.client.in_progress()

    expected = {key for key in (film, episode) if house.server.watch_state("anna", key).position_ms}
    assert set(snapshot.items) == expected
    assert film in expected


async def test_what_was_hidden_is_told(house: EmbyHouse) -> None:
    """In the list of all that is in progress and in reads by id; a position that we write shows the title again."""
    film, viewer = house.item("blue"), house.server.viewer("anna")
    house.server.set_state("anna", film, position_ms=9 * MINUTE, watched=True, play_count=2, last_played=START - 9)
    assert not (await house.client.states([film])).items[film].hidden
    house.server.hide("anna", film)

    state = (await house.client.in_progress()).items[film]
    assert (state.hidden, state.position_ms) == (True, 9 * MINUTE)
    assert state == (await house.client.states([film])).items[film]
    house.server.traffic.reset()
    await house.client.write_position(PositionWrite(state, 20 * MINUTE))
    assert house.server.traffic.writes == 2
    after = viewer.state(film)
    assert (after.hidden, after.position_ms, after.watched, after.play_count) == (False, 20 * MINUTE, True, 2)
    house.server.hide("anna", film)
    state = (await house.client.states([film])).items[film]
    await house.client.clear_position(state)
    assert viewer.state(film).hidden


async def test_only_plex_hides(house: EmbyHouse) -> None:
    """On Emby and Jellyfin a title is cleared, and no hub tells of it."""
    film = house.item("blue")
    with pytest.raises(NotSupported):
        await house.client.hide((await house.client.states([film])).items[film])
    assert await house.client.hub() is None


async def test_titles_are_found_by_their_ids(house: EmbyHouse) -> None:
    """Films, episodes and shows in one request, the rest by number in its season."""
    film, own, by_number, special = (
        wanted_film(FILM),
        wanted_episode(SHOW, 1, 1),
        wanted_episode(SHOW, 1, 2),
        wanted_episode(SHOW, 0, 1, own_ids=False),
    )

    found = await house.client.find([film, own, by_number, special])

    assert {key: [item.item_id for item in items] for key, items in found.items()} == {
        "there": [house.item("blue")],
        own.item_id: [house.item("road/s01e01")],
        by_number.item_id: [house.item("road/s01e02")],
        special.item_id: [house.item("road/s00e01")],
    }
    assert all(items[0].show_ids for key, items in found.items() if key != "there")
    assert found["there"][0].ids == film.ids
    assert found["there"][0].year == 2011
    assert house.server.traffic.table() == {SEASON: 2, ITEMS: 1}
    house.client.forget()
    assert house.client.library_revision is None


async def test_an_episode_in_a_season_of_another_number(house: EmbyHouse) -> None:
    """Emby is asked for the ids themselves."""
    house.server.add_show(TALK)
    wanted = wanted_talk(1, 990101)

    assert [item.item_id for item in (await house.client.find([wanted]))[wanted.item_id]] == [house.item("talk/s01e02")]


async def test_one_number_of_several_kinds(house: EmbyHouse) -> None:
    """TMDB numbers films, shows and episodes separately, and Emby does not ask which is meant."""
    film = Film("clash", "Clash", 2001, MINUTE, {"tmdb": "1396"})
    house.server.add_film(film)

    found = await house.client.find([wanted_film(film), wanted_episode(SHOW, 2, 7, own_ids=False)])

    assert [item.item_id for item in found["there"]] == [house.item("clash")]
    assert [item.item_id for item in found["there-road-2x7"]] == [house.item("road/s02e07")]


async def test_a_server_that_ignores_the_query(house: EmbyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a version answer with the whole library, hits still have to prove themselves."""
    monkeypatch.setattr(
        "tests.simulators.mediabrowser.emby_routes.EmbyItemRoutes._narrow", lambda *arguments: arguments[-1]
    )

    found = await house.client.find(
        [wanted_film(FILM), wanted_film(Film("x", "X", None, None, {"imdb": "tt99999"}), "x")]
    )

    assert [item.item_id for item in found["there"]] == [house.item("blue")]
    assert found["x"] == ()
    assert house.server.traffic.table() == {ITEMS: 1}


async def test_nothing_to_look_for(house: EmbyHouse) -> None:
    """Titles without ids that Emby knows cost no request."""
    plex_only = Item("b", MediaKind.MOVIE, "", frozenset({"movie:plex:5d776825880197001ec90bbb"}))

    assert await house.client.find([Item("a", MediaKind.MOVIE, "Blue Harbour"), plex_only]) == {"a": (), "b": ()}
    assert await house.client.find([]) == {}
    assert house.server.traffic.requests() == 0


async def test_a_title_that_the_library_lacks_is_not_found(house: EmbyHouse) -> None:
    """No such film, no such show, no such episode, a number that is missing, a show that just went."""
    foreign = Show("foreign", "Long Road", 2008, {"tvdb": "5"}, SHOW.episodes)
    numberless = Item(
        "n", MediaKind.EPISODE, "", frozenset({"episode:tvdb:1"}), show_ids=frozenset({"show:tvdb:81189"})
    )
    late = Item("l", MediaKind.EPISODE, "", season=1, episode=99, show_ids=frozenset({"show:tvdb:81189"}))
    missing = wanted_film(Film("x", "X", None, None, {"imdb": "tt99999"}), "x")

    found = await house.client.find([wanted_episode(foreign, 1, 2), numberless, late, missing])

    assert set(found.values()) == {()}
    house.client.forget()
    house.server.faults.add(SEASON, Status(404))
    assert await house.client.find([late]) == {"l": ()}


async def test_a_look_up_that_fails(house: EmbyHouse) -> None:
    """No empty answer out of a failed one."""
    for route, fault in ((ITEMS, Status(500)), (ITEMS, WrongTotal(7)), (SEASON, Status(500)), (SEASON, WrongTotal(99))):
        house.client.forget()
        house.server.faults.clear()
        house.server.faults.add(route, fault)
        with pytest.raises(BadResponse):
            await house.client.find([wanted_episode(SHOW, 1, 2)])


async def test_copies_are_all_found(house: EmbyHouse) -> None:
    """A film in an HD and a 4K library."""
    second = house.server.add_film(FILM, library="Films 4K")

    found = await house.client.find([wanted_film(FILM)])

    assert {item.item_id for item in found["there"]} == {house.server.items_of("blue")[0], second}


async def test_the_budget_of_twenty_titles() -> None:
    """2,000 films and 200 shows: a request for each 100 ids; seasons only for episodes without ids of their own."""
    world = catalogue(films=2000, shows=200, episodes_per_show=50)
    async with emby() as house:
        house.server.fill(world)
        films = [wanted_film(film, film.key) for film in world.films[:1000:100]]
        shows = [show for show in world.shows if show.ids][:10]
        episodes = [wanted_episode(show, 2, 3) for show in shows]

        found = await house.client.find([*films, *episodes])

        assert all(len(items) == 1 for items in found.values())
        assert house.server.traffic.table() == {SEASON: 2, ITEMS: 1}
