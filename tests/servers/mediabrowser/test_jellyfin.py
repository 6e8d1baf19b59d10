"""Jellyfin alone: versions of a film, hidden libraries, the index, and how titles are found."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.sync.identity import agreement, match_keys
from custom_components.resume_sync.sync.media_server import BadResponse, CannotConnect, ServerBusy
from custom_components.resume_sync.sync.model import Activity, Item, MediaKind, PositionWrite, ServerType
from tests.servers.playing import active_items
from tests.simulators.faults import Reset, Status, WrongTotal
from tests.simulators.library import Film, Show, catalogue
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .servers import (
    FILM,
    MINUTE,
    SHOW,
    START,
    TALK,
    House,
    jellyfin,
    many_films,
    wanted_episode,
    wanted_film,
    wanted_talk,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

type JellyfinHouse = House[SimulatedJellyfin, JellyfinServer]

INDEX = "GET /Items"
SEASON = "GET /Shows/{item}/Episodes"


@pytest.fixture
async def house() -> AsyncIterator[JellyfinHouse]:
    """A Jellyfin 10.11 with a client."""
    async with jellyfin() as house:
        yield house


@pytest.fixture
async def house12() -> AsyncIterator[JellyfinHouse]:
    """A Jellyfin 12 with a client."""
    async with jellyfin("12.0.0") as house:
        yield house


def test_traits() -> None:
    """The traits of Jellyfin on which decisions depend."""
    traits = JellyfinServer.dialect.traits

    assert (traits.server_type, traits.can_clear, traits.takes_date) == (ServerType.JELLYFIN, True, True)
    assert (traits.writes_full_set, traits.takes_data_back, traits.writes_at_once) == (True, True, 4)


async def test_the_position_of_a_version(house12: JellyfinHouse) -> None:
    """Version 12 keeps a position by version: it is listed, read, written and cleared under that version's id."""
    film = house12.item("blue")
    cut = house12.server.add_version(film, duration_ms=120 * MINUTE)
    viewer = house12.server.viewer("anna")
    viewer.play(film, 30 * MINUTE, version_id=cut)
    assert await active_items(house12.client) == {film: Activity.PLAYING, cut: Activity.PLAYING}
    viewer.stop(31 * MINUTE)

    snapshot = await house12.client.in_progress()
    assert {key: state.position_ms for key, state in snapshot.items.items()} == {cut: 31 * MINUTE}
    state = snapshot.items[cut]
    assert (state.item.duration_ms, state.item.ids) == (120 * MINUTE, wanted_film(FILM).ids)

    read = await house12.client.states([film, cut, "0" * 31 + "1"])
    assert set(read.items) == {film, cut}
    assert read.absent == {"0" * 31 + "1"}
    assert read.items[cut].position_ms == 31 * MINUTE
    await house12.client.write_position(PositionWrite(read.items[cut], 50 * MINUTE, int(START) * 1000))
    assert (await house12.client.states([cut])).items[cut].position_ms == 50 * MINUTE
    await house12.client.clear_position(read.items[cut])
    assert (await house12.client.in_progress()).items == {}


async def play_through_a_scan(house: JellyfinHouse, item_id: str, version_id: str | None = None) -> None:
    """Finish a favourite that a scan changes meanwhile: version 12 has two copies of its data then."""
    house.server.set_state("anna", item_id, favorite=True, rating=8.0)
    viewer = house.server.viewer("anna")
    viewer.play(house.item("blue"), version_id=version_id)
    house.server.clock.advance(100)
    viewer.progress(100_000)
    house.server.refresh(version_id or item_id)
    viewer.stop(house.server.holdings[item_id].duration_ms)


async def user_data(house: JellyfinHouse, item_id: str) -> dict[str, object]:
    """Return what an item's own route tells."""
    headers = {"Authorization": f'MediaBrowser Token="{house.token}"'}
    async with house.session.get(f"{house.server.url}/UserItems/{item_id}/UserData", headers=headers) as answer:
        data: dict[str, object] = await answer.json()
    return data


@pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])
async def test_a_write_after_a_scan_during_a_play(version: str) -> None:
    """The list tells the truth, the item's own route an old copy on 12; a write takes nothing with it."""
    async with jellyfin(version) as house:
        film = house.item("blue")
        await house.client.in_progress()
        await play_through_a_scan(house, film)
        read = await house.client.states([film], for_write=True)
        before = read.items[film]
        assert (before.listed, before.watched, before.position_ms) == (True, True, 0)

        await house.client.write_position(PositionWrite(before, 50 * MINUTE))

        after = (await house.client.states([film])).items[film]
        assert after == replace(before, position_ms=50 * MINUTE)
        data = await user_data(house, film)
        assert (data["Played"], data["PlayCount"], data["IsFavorite"], data["Rating"]) == (True, 1, True, 8.0)


@pytest.mark.parametrize(
    ("version", "named"), [("10.9.0", False), ("10.10.7", False), ("10.11.0", True), ("12.0.0", True)]
)
@pytest.mark.parametrize("with_all_data", [False, True])
async def test_what_a_write_names(version: str, named: bool, with_all_data: bool) -> None:
    """From 10.11 on a write names everything as it was read; before, position and date, unless it is to name more."""
    async with jellyfin(version) as house:
        film = house.item("blue")
        house.server.set_state("anna", film, watched=True, play_count=3, last_played=START - 60)
        await house.client.in_progress()
        assert house.client.traits.writes_full_set is named
        base = replace((await house.client.states([film])).items[film], favorite=True, rating=7.0)

        await house.client.write_position(PositionWrite(base, 9 * MINUTE, with_all_data=with_all_data))

        state = house.server.watch_state("anna", film)
        assert (state.favorite, state.rating) == ((True, 7.0) if named or with_all_data else (False, None))
        assert (state.position_ms, state.watched, state.play_count, state.last_played) == (
            9 * MINUTE,
            True,
            3,
            START - 60,
        )


async def test_data_of_a_version_come_from_the_resume_list(house12: JellyfinHouse) -> None:
    """Where it has a row there; otherwise they prove nothing, and a write names position and date alone."""
    film = house12.item("blue")
    cut, other = (house12.server.add_version(film, duration_ms=104 * MINUTE) for _ in range(2))
    viewer = house12.server.viewer("anna")
    for version in (other, cut):
        viewer.play(film, 30 * MINUTE, version_id=version)
        house12.server.clock.advance(60)
        house12.server.set_state("anna", version, favorite=True)
        house12.server.refresh(version)
        viewer.stop(31 * MINUTE)
    await house12.client.in_progress()

    for for_write in (False, True):
        read = await house12.client.states([cut, other], for_write=for_write)
        assert {key: state.listed for key, state in read.items.items()} == {cut: for_write, other: False}
    await house12.client.write_position(PositionWrite(replace(read.items[other], favorite=False), 40 * MINUTE))
    state = house12.server.watch_state("anna", other)
    assert (state.position_ms, state.favorite) == (40 * MINUTE, True)


async def test_targets_of_writes_are_all_asked_for(house12: JellyfinHouse) -> None:
    """Twenty items that a batch leaves out are asked for in a run, but none less of those that are written."""
    film = house12.item("blue")
    versions = [house12.server.add_version(film) for _ in range(25)]
    await house12.client.in_progress()

    assert len((await house12.client.states(versions)).items) == 20
    assert len((await house12.client.states(versions, for_write=True)).items) == 25


async def test_half_watched_shows_are_no_titles(house12: JellyfinHouse) -> None:
    """Version 12 counts shows and seasons as resumable; only films and episodes are asked for."""
    house12.server.viewer("anna").mark_watched(house12.item("road/s01e01"))
    house12.server.set_state("anna", house12.item("road/s01e02"), position_ms=5 * MINUTE)

    snapshot = await house12.client.in_progress()

    assert set(snapshot.items) == {house12.item("road/s01e02")}
    assert snapshot.unknown == {}


async def test_libraries_off_the_home_screen(house12: JellyfinHouse) -> None:
    """What a user took off the home screen is still in progress; that costs a request for each such library.

    One more tells which of them the user still sees: what is below a library is told to whom lost it, too.
    """
    film, episode = house12.item("blue"), house12.item("road/s01e01")
    for item_id in (film, episode):
        house12.server.set_state("anna", item_id, position_ms=5 * MINUTE)
    anna = house12.server.users["anna"]
    anna.latest_excludes = {house12.server.library("Films").library_id}
    await house12.client.verify()
    house12.server.traffic.reset()

    assert set((await house12.client.in_progress()).items) == {film, episode}
    assert house12.server.traffic.requests("GET /UserItems/Resume") == 2

    assert house12.server.traffic.requests("GET /UserViews") == 1

    anna.latest_excludes |= {"f" * 32, "not-a-library"}
    house12.client.forget()
    assert set((await house12.client.in_progress()).items) == {film, episode}
    house12.client.forget()
    house12.server.faults.add("GET /UserItems/Resume", Status(500), skip=1)
    with pytest.raises(BadResponse):
        await house12.client.in_progress()


async def test_hidden_libraries_do_not_matter_before_12(house: JellyfinHouse) -> None:
    """The library's own listing has them all."""
    film = house.item("blue")
    house.server.set_state("anna", film, position_ms=5 * MINUTE)
    house.server.users["anna"].latest_excludes = {house.server.library("Films").library_id}

    assert set((await house.client.in_progress()).items) == {film}


async def test_a_server_that_is_upgraded(house: JellyfinHouse) -> None:
    """After an upgrade the listing is asked for as the new version wants it."""
    for ask in (1, 2):
        await house.client.in_progress()
        assert house.server.traffic.requests("GET /System/Info/Public") == 1, ask
    house.server.faults.add(INDEX, Status(503))
    with pytest.raises(ServerBusy):
        await house.client.in_progress()
    house.server.version = "12.0.1"
    await house.client.in_progress()
    assert house.server.traffic.requests("GET /UserItems/Resume") == 1

    house.server.faults.add("GET /UserItems/Resume", Reset(), times=2)
    with pytest.raises(CannotConnect):
        await house.client.in_progress()
    house.server.clock.advance(7 * 3600)
    house.server.version = "10.11.11"
    await house.client.in_progress()
    assert house.server.traffic.requests("GET /UserItems/Resume") == 3


async def test_a_single_read_that_fails(house12: JellyfinHouse) -> None:
    """Nothing is known of an item that the server fails on; any other error is one of the whole read."""
    gone = house12.item("nameless")
    house12.server.delete(gone)
    house12.server.faults.add("GET /Items/{item}", Status(500))
    assert set((await house12.client.states([gone])).unknown) == {gone}
    house12.server.faults.add("GET /Items/{item}", Status(418))
    with pytest.raises(BadResponse):
        await house12.client.states([gone])
    assert (await house12.client.states([gone])).absent == {gone}


async def test_few_titles_are_searched_for(house: JellyfinHouse) -> None:
    """A film by its title, an episode by its show's: proven by ids, without an index."""
    film, episode = wanted_film(FILM), wanted_episode(SHOW, 1, 2)

    found = await house.client.find([film, episode])

    assert {key: [item.item_id for item in items] for key, items in found.items()} == {
        "there": [house.item("blue")],
        episode.item_id: [house.item("road/s01e02")],
    }
    (match,) = found[episode.item_id]
    assert match.show_ids == {"show:tvdb:81189", "show:imdb:tt0903747", "show:tmdb:1396"}
    assert (match.season, match.episode, match.kind) == (1, 2, MediaKind.EPISODE)
    assert house.server.traffic.table() == {"GET /Items": 2, SEASON: 1}
    assert house.client.library_revision is None


async def test_a_title_that_is_not_the_same(house: JellyfinHouse) -> None:
    """A hit with other ids is no hit; another language or spelling is found through the index."""
    other = Film("other", "Blue Harbour", 2011, None, {"imdb": "tt7654321"})
    renamed = Film("renamed", "Hafen in Blau", None, None, {"tmdb": "55555"})

    found = await house.client.find([wanted_film(other, "a"), wanted_film(renamed, "b")])

    assert found["a"] == ()
    assert [item.item_id for item in found["b"]] == [house.item("blue")]
    assert house.client.library_revision is not None
    assert house.server.traffic.table() == {"GET /Items": 3}


async def test_nothing_to_look_for(house: JellyfinHouse) -> None:
    """Titles without anything to match by cost no request."""
    film = Item("a", MediaKind.MOVIE, "Blue Harbour")
    numberless = Item("b", MediaKind.EPISODE, "", show_title="Long Road", show_ids=frozenset({"show:tvdb:81189"}))
    no_number = Item("c", MediaKind.EPISODE, "", show_ids=frozenset({"show:tvdb:81189"}), season=1)

    assert await house.client.find([film, numberless, no_number]) == {"a": (), "b": (), "c": ()}
    assert await house.client.find([]) == {}
    assert house.server.traffic.requests() == 0


async def test_titles_without_a_name_go_straight_to_the_index(house: JellyfinHouse) -> None:
    """Without a title there is nothing to search for."""
    film = Item("a", MediaKind.MOVIE, "", frozenset({"movie:tmdb:55555"}))
    episode = Item("b", MediaKind.EPISODE, "", season=1, episode=1, show_ids=frozenset({"show:tvdb:81189"}))

    found = await house.client.find([film, episode])

    assert [len(found[key]) for key in ("a", "b")] == [1, 1]
    assert house.server.traffic.table() == {"GET /Items": 1, SEASON: 1}


async def test_many_titles_take_the_index_once(house: JellyfinHouse) -> None:
    """Pages of 1000 without states and images; the next look-ups cost nothing, seasons for some minutes."""
    films = many_films(1500)
    for film in films:
        house.server.add_film(film)
    wanted = [wanted_film(film, film.key) for film in films[::100]]
    episodes = [wanted_episode(SHOW, 1, 1), wanted_episode(SHOW, 1, 2, own_ids=False), wanted_episode(SHOW, 0, 1)]

    found = await house.client.find([*wanted, *episodes])

    assert {key: [item.item_id for item in items] for key, items in found.items()} == {
        **{film.key: [house.item(film.key)] for film in films[::100]},
        "there-road-1x1": [house.item("road/s01e01")],
        "there-road-1x2": [house.item("road/s01e02")],
        "there-road-0x1": [house.item("road/s00e01")],
    }
    assert house.server.traffic.table() == {"GET /Items": 2, SEASON: 2}
    assert house.server.traffic.bytes_sent / 1500 < 450
    house.server.traffic.reset()
    await house.client.find([*wanted, *episodes])
    assert house.server.traffic.requests() == 0
    house.server.clock.advance(301)
    await house.client.find([*wanted, *episodes])
    assert house.server.traffic.table() == {SEASON: 2}


async def test_titles_in_collections_are_in_the_index(house: JellyfinHouse) -> None:
    """Servers that group films and shows into collections show these instead, unless asked not to."""
    films = many_films(5)
    for film in films:
        house.server.add_film(film)
    house.server.grouped = frozenset({films[0].key, SHOW.key})

    found = await house.client.find([*(wanted_film(film, film.key) for film in films), wanted_episode(SHOW, 1, 1)])

    assert [item.item_id for item in found[films[0].key]] == [house.item(films[0].key)]
    assert all(found.values())


async def test_an_incomplete_index_is_not_used(house: JellyfinHouse) -> None:
    """After a failing or miscounted page the look-up fails, and the next one reads the index again."""
    wanted = [wanted_film(film, film.key) for film in many_films(5)]
    for fault in (WrongTotal(99), Status(500)):
        house.server.faults.add(INDEX, fault)
        with pytest.raises(BadResponse):
            await house.client.find(wanted)
        assert house.client.library_revision is None
    assert set((await house.client.find(wanted)).values()) == {()}


async def read_index(house: JellyfinHouse) -> None:
    """Let the client read its index."""
    await house.client.find([wanted_film(film, film.key) for film in many_films(5)])
    assert house.client.library_revision is not None
    house.server.traffic.reset()


async def test_a_miss_refreshes_an_index_older_than_five_minutes(house: JellyfinHouse) -> None:
    """A film added since is found with one small request; a miss within five minutes costs none."""
    await read_index(house)
    before = house.client.library_revision
    added = Film("new", "Something New", 2026, 90 * MINUTE, {"imdb": "tt9999999"})
    house.server.clock.advance(60)
    house.server.add_film(added)
    assert (await house.client.find([wanted_film(added)]))["there"] == ()
    assert house.server.traffic.requests() == 0

    house.server.clock.advance(300)
    found = await house.client.find([wanted_film(added)])
    assert [item.item_id for item in found["there"]] == [house.item("new")]
    assert house.server.traffic.table() == {"GET /Items": 1}
    assert house.client.library_revision != before

    house.server.clock.advance(301)
    nowhere = wanted_film(Film("no", "Nowhere", None, None, {"imdb": "tt8888888"}))
    revision = house.client.library_revision
    assert (await house.client.find([nowhere]))["there"] == ()
    assert house.client.library_revision == revision
    assert house.server.traffic.table() == {"GET /Items": 2}


@pytest.mark.parametrize("skew", [-3600.0, 0.0, 3600.0])
async def test_refreshing_takes_the_servers_clock(house: JellyfinHouse, skew: float) -> None:
    """A server whose clock is off still tells everything that was saved since."""
    house.server.skew = skew
    await read_index(house)
    house.server.clock.advance(301)
    show = Show("fresh", "Fresh Show", 2026, {"tvdb": "123"}, SHOW.episodes)
    house.server.add_show(show)

    found = await house.client.find([wanted_episode(show, 1, 2)])

    assert [item.item_id for item in found["there-fresh-1x2"]] == [house.item("fresh/s01e02")]


async def test_an_upgraded_file_is_found_under_its_new_id(house: JellyfinHouse) -> None:
    """The old id turns out to be gone in a state read; the next look-up misses, and brings the new one."""
    await read_index(house)
    old = house.item("blue")
    episode = house.item("road/s01e02")
    assert [item.item_id for item in (await house.client.find([wanted_film(FILM)]))["there"]] == [old]
    await house.client.find([wanted_episode(SHOW, 1, 2)])
    house.server.clock.advance(120)
    new, new_episode = house.server.replace_file(old), house.server.replace_file(episode)
    house.server.clock.advance(170)
    assert (await house.client.states([old, episode])).absent == {old, episode}
    found = await house.client.find([wanted_episode(SHOW, 1, 2)])
    assert [item.item_id for item in found["there-road-1x2"]] == [new_episode]

    house.server.clock.advance(130)
    assert [item.item_id for item in (await house.client.find([wanted_film(FILM)]))["there"]] == [new]


async def test_a_show_that_went_and_came_back(house: JellyfinHouse) -> None:
    """A season that is asked of a show that is gone drops it from the index."""
    await read_index(house)
    house.server.delete(house.item("road"))
    house.server.clock.advance(301)
    house.server.add_show(SHOW)

    found = await house.client.find([wanted_episode(SHOW, 1, 2)])

    assert [item.item_id for item in found["there-road-1x2"]] == [house.item("road/s01e02")]


async def test_an_index_is_read_anew_after_a_day(house: JellyfinHouse) -> None:
    """Servers do not tell what was deleted; `forget` has the same effect at once."""
    await read_index(house)
    film = house.item("blue")
    house.server.delete(film)
    wanted = [wanted_film(FILM), *(wanted_film(each, each.key) for each in many_films(5))]
    assert len((await house.client.find(wanted))["there"]) == 1
    house.server.clock.advance(24 * 3600)
    assert (await house.client.find(wanted))["there"] == ()

    house.server.add_film(Film("late", "Late", 2000, 1, {"imdb": "tt6666666"}))
    house.client.forget()
    assert house.client.library_revision is None
    late = wanted_film(Film("late", "Late", 2000, 1, {"imdb": "tt6666666"}), "late")
    assert len((await house.client.find([late, *wanted]))["late"]) == 1


async def test_copies_are_all_found(house: JellyfinHouse) -> None:
    """A film in an HD and a 4K library, by search and by index."""
    second = house.server.add_film(FILM, library="Films 4K")
    expected = sorted([house.server.items_of("blue")[0], second])

    by_search = await house.client.find([wanted_film(FILM)])
    await read_index(house)
    house.client.forget()
    await read_index(house)
    by_index = await house.client.find([wanted_film(FILM)])

    assert [[item.item_id for item in found["there"]] for found in (by_search, by_index)] == [expected, expected]


async def test_an_episode_whose_show_has_no_common_id(house: JellyfinHouse) -> None:
    """Shows of the same title are searched for the episode's own ids, and numbers alone prove nothing."""
    stranger = Show("road", "Long Road", 2008, {"tvdb": "999"}, SHOW.episodes)

    by_own_id = wanted_episode(stranger, 1, 1)
    by_number = wanted_episode(stranger, 1, 2)
    found = await house.client.find([by_own_id, by_number])

    assert [item.item_id for item in found[by_own_id.item_id]] == [house.item("road/s01e01")]
    assert found[by_number.item_id] == ()


@pytest.mark.parametrize("season", [2014, 1, None])
async def test_an_episode_in_a_season_of_another_number(house: JellyfinHouse, season: int | None) -> None:
    """Its own ids find it in all of its show, which is read once for all of its episodes; the number proves nothing."""
    house.server.add_show(TALK)
    first, last = wanted_talk(1, 990101, season=season), wanted_talk(9, 990199, season=season)

    found = await house.client.find([first, last])

    agreeing = [item for item in found[first.item_id] if agreement(match_keys(first), match_keys(item)) > 0]
    assert [item.item_id for item in agreeing] == [house.item("talk/s01e02")]
    assert found[last.item_id] == ()
    asked = {"GET /Items": 1, SEASON: 1 if season is None else 2}
    # An empty season: the server is asked for its version, since new shows of 10.11 tell none of their episodes.
    assert house.server.traffic.table() == asked | ({"GET /System/Info/Public": 1} if season == 2014 else {})


async def test_an_episode_without_ids_is_looked_for_in_its_season_alone(house: JellyfinHouse) -> None:
    """A show is read as a whole for the sake of ids only, and not where its season settles it."""
    by_number, by_id = wanted_episode(SHOW, 2, 7, own_ids=False), wanted_episode(SHOW, 1, 1)
    assert all((await house.client.find([by_number, by_id])).values())
    assert await house.client.find([replace(by_number, episode=99)]) == {by_number.item_id: ()}
    assert house.server.traffic.table() == {"GET /Items": 2, SEASON: 2}


async def test_an_episode_that_is_not_there_yet(house: JellyfinHouse) -> None:
    """A show that is known without that episode settles it: no index is read for it.

    On 10.11 the whole show is looked at as well, because a new show tells none of its episodes there.
    """
    missing = Item(
        "there",
        MediaKind.EPISODE,
        "",
        season=9,
        episode=1,
        show_title="Long Road",
        show_ids=frozenset({"show:tvdb:81189"}),
    )

    await house.client.verify()
    house.server.traffic.reset()
    assert await house.client.find([missing]) == {"there": ()}
    assert house.server.traffic.table() == {"GET /Items": 1, SEASON: 2}


async def test_the_budget_of_twenty_titles() -> None:
    """2,000 films and 200 shows, cold: three index pages and a request for each season; warm: nothing."""
    world = catalogue(films=2000, shows=200, episodes_per_show=50)
    async with jellyfin() as house:
        house.server.fill(world)
        films = [wanted_film(film, film.key) for film in world.films[:1000:100]]
        shows = [show for show in world.shows if show.ids][:10]
        episodes = [wanted_episode(show, 2, 3) for show in shows]

        found = await house.client.find([*films, *episodes])

        assert all(len(items) == 1 for items in found.values())
        assert house.server.traffic.table() == {SEASON: 10, "GET /Items": 3}
        house.server.traffic.reset()
        await house.client.find([*films, *episodes])
        assert house.server.traffic.requests() == 0
