"""What is in progress on a Plex Media Server, and the states of single items."""

import pytest

from custom_components.resume_sync.sync.media_server import BadResponse, CannotConnect, MediaServerError, ServerBusy
from custom_components.resume_sync.sync.model import MediaKind
from tests.servers.plex.attic import (
    ALL,
    EXPANSE,
    HOUR,
    LEAVES,
    METADATA,
    SECTION,
    SECTIONS,
    START,
    attic,
    client_of,
    only,
    state_of,
)
from tests.simulators.faults import EmptyList, Fault, HtmlPage, Reset, Status, Truncated, WrongTotal
from tests.simulators.library import Film
from tests.simulators.plex.server import PlexMediaServer

pytestmark = pytest.mark.usefixtures("socket_enabled")


def play_some(server: PlexMediaServer, user: str = "olivia") -> tuple[str, str, str]:
    """Put a film, an episode and an episode of a legacy library in progress; return their ids."""
    film = only(server, "alien")
    episode = only(server, EXPANSE.episode_key(1, 2))
    legacy = only(server, "old/s01e02")
    server.set_state(user, film, position_ms=1_200_000, last_played=START - 60)
    server.set_state(user, episode, position_ms=660_000, watched=True, play_count=2, last_played=START - 30)
    server.set_state(user, legacy, position_ms=700_000)
    return film, episode, legacy


@pytest.mark.parametrize("verified", [True, False])
async def test_home_videos_are_told_from_films_that_nobody_matched(verified: bool) -> None:
    """Their section has no agent; where sections were not read yet, their guid tells."""
    async with attic() as server, client_of(server) as client:
        if verified:
            await client.verify()
        video, unmatched = only(server, "beach"), server.add_film(Film("garden", "Our Garden", None, HOUR))
        for item_id in (video, unmatched, only(server, "alien")):
            server.set_state("olivia", item_id, position_ms=300_000, last_played=START - 60)

        items = (await client.in_progress()).items

        assert {key for key, state in items.items() if not state.item.ids} == {video, unmatched}
        assert {key for key, state in items.items() if not state.item.identifiable} == {video}


async def test_a_section_that_got_an_agent_holds_no_home_videos() -> None:
    """What is not matched in it keeps its old guid, and can be matched."""
    async with attic() as server, client_of(server) as client:
        video = only(server, "beach")
        server.set_state("olivia", video, position_ms=300_000, last_played=START - 60)
        server.library("Home videos").agent = "tv.plex.agents.movie"
        await client.verify()
        assert [state.item.identifiable for state in (await client.in_progress()).items.values()] == [True]


async def test_everything_in_progress_with_all_ids() -> None:
    """A snapshot holds positions, dates, play counts, own ids and show ids."""
    async with attic() as server, client_of(server) as client:
        film, episode, legacy = play_some(server)

        snapshot = await client.in_progress()

        assert snapshot.items.keys() == {film, episode, legacy}
        assert (snapshot.read_at, snapshot.skew_ms, snapshot.unknown, snapshot.nameless_rows) == (
            START * 1000,
            0,
            {},
            0,
        )
        alien = snapshot.items[film]
        assert alien.item.kind is MediaKind.MOVIE
        assert (alien.position_ms, alien.watched, alien.play_count) == (1_200_000, False, 0)
        assert alien.last_played_server_ms == (START - 60) * 1000
        assert (alien.item.title, alien.item.year, alien.item.duration_ms) == ("Alien", 1979, 7_000_000)
        assert alien.item.ids > {"movie:imdb:tt0078748", "movie:tmdb:348"}
        assert {typed.rsplit(":", 1)[0] for typed in alien.item.ids} == {"movie:imdb", "movie:tmdb", "movie:plex"}
        second = snapshot.items[episode]
        assert (second.watched, second.play_count) == (True, 2)
        assert (second.item.season, second.item.episode, second.item.show_title) == (1, 2, "The Expanse")
        assert "episode:tvdb:5500002" in second.item.ids
        assert {"show:tvdb:280619", "show:imdb:tt3230854"} < second.item.show_ids
        old = snapshot.items[legacy].item
        assert (old.ids, old.show_ids) == (frozenset(), frozenset({"show:tvdb:70001"}))


async def test_an_idle_round_costs_two_requests() -> None:
    """Show ids are read once; after that a listing is one request for films and one for episodes."""
    async with attic() as server, client_of(server) as client:
        play_some(server)
        first = await client.in_progress()
        assert server.traffic.table() == {"GET /identity": 1, ALL: 2, METADATA: 1}
        server.traffic.reset()
        server.clock.advance(300)

        again = await client.in_progress()

        assert server.traffic.table() == {ALL: 2}
        assert again.items == first.items


async def test_ids_withheld_from_listings_are_read_once() -> None:
    """A server that leaves the ids of episodes out of listings is asked for them in the batch that asks for shows."""
    async with attic() as server, client_of(server) as client:
        _, episode, _ = play_some(server)
        server.library_routes.episode_guids = False

        first = await client.in_progress()
        again = await client.in_progress()

        assert "episode:tvdb:5500002" in first.items[episode].item.ids
        assert again.items == first.items
        assert server.traffic.requests(METADATA) == 1
        client.forget()
        await client.in_progress()
        assert server.traffic.requests(METADATA) == 2
        server.clock.advance(25 * 3600)
        await client.in_progress()
        assert server.traffic.requests(METADATA) == 3


async def test_other_users_are_not_seen() -> None:
    """Positions are those of the token's user."""
    async with attic() as server, client_of(server, "henry") as client:
        play_some(server, "olivia")
        mine = only(server, "brazil")
        server.set_state("henry", mine, position_ms=90_000)

        assert (await client.in_progress()).items.keys() == {mine}


async def test_more_than_a_page() -> None:
    """Pages are read to the end, also where their number is exact, in a stable order."""
    async with attic() as server, client_of(server) as client:
        ids = {server.add_film(Film(f"film-{n}", f"Film {n}", 2000, 6_000_000)) for n in range(1000)}
        for item_id in ids:
            server.set_state("olivia", item_id, position_ms=100_000)

        snapshot = await client.in_progress()

        assert snapshot.items.keys() == ids
        assert server.traffic.requests(ALL) == 4


@pytest.mark.parametrize("refusal", [400, 403, 404])
async def test_sections_one_by_one(refusal: int) -> None:
    """Where `/library/all` is refused, each section is asked, from then on at once."""
    async with attic() as server, client_of(server) as client:
        played = play_some(server)
        server.library_routes.all_supported = False
        server.library_routes.all_refusal = refusal

        first = await client.in_progress()
        server.traffic.reset()
        again = await client.in_progress()

        assert first.items.keys() == set(played)
        assert again.items == first.items
        assert server.traffic.table() == {SECTION: 4, SECTIONS: 2}
        server.library_routes.all_supported = True
        server.clock.advance(25 * 3600)
        server.traffic.reset()
        await client.in_progress()
        assert server.traffic.requests(ALL) == 2


async def test_an_ignored_filter_is_noticed() -> None:
    """A server that answers with the whole library is asked section by section."""
    async with attic() as server, client_of(server) as client:
        played = play_some(server)
        server.library_routes.all_filters_progress = False

        first = await client.in_progress()
        server.traffic.reset()
        again = await client.in_progress()

        assert first.items.keys() == set(played)
        assert again.items == first.items
        assert server.traffic.requests(ALL) == 0


async def test_an_empty_answer_is_checked_once_an_hour() -> None:
    """Until a listing across the server had rows, its emptiness is compared with that of the sections."""
    async with attic() as server, client_of(server) as client:
        assert (await client.in_progress()).items == {}
        assert server.traffic.table() == {"GET /identity": 1, ALL: 2, SECTIONS: 2, SECTION: 4}
        server.traffic.reset()
        server.clock.advance(1800)
        await client.in_progress()
        assert server.traffic.table() == {ALL: 2}
        film, _, _ = play_some(server)
        server.clock.advance(3600)
        server.faults.add(ALL, EmptyList())

        snapshot = await client.in_progress()

        assert film in snapshot.items
        server.traffic.reset()
        await client.in_progress()
        assert server.traffic.requests(ALL) == 0


async def test_a_filter_that_ever_worked_may_answer_with_nothing() -> None:
    """An empty answer is the truth once the same query had rows."""
    async with attic() as server, client_of(server) as client:
        film, episode, legacy = play_some(server)
        await client.in_progress()
        for item_id in (film, episode, legacy):
            server.set_state("olivia", item_id, position_ms=0)
        server.traffic.reset()

        assert (await client.in_progress()).items == {}
        assert server.traffic.table() == {ALL: 2}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (HtmlPage(), BadResponse),
        (HtmlPage("<html><body>fine XML</body></html>"), BadResponse),
        (HtmlPage(""), BadResponse),
        (Truncated(), BadResponse),
        (Truncated(honest=True), BadResponse),
        (WrongTotal(7), BadResponse),
        (Status(500), BadResponse),
        (Status(302), BadResponse),
        (Status(499), BadResponse),
        (Status(502), CannotConnect),
        (Status(503, retry_after="7"), ServerBusy),
        (Reset(), CannotConnect),
    ],
)
async def test_a_failing_page_fails_the_read(fault: Fault, error: type[MediaServerError]) -> None:
    """Nothing is ever made of a part of a listing, whichever of its requests fails."""
    async with attic() as server, client_of(server) as client:
        play_some(server)
        for skip in range(2):
            server.faults.clear()
            server.faults.add(ALL, fault, skip=skip)
            with pytest.raises(error) as caught:
                await client.in_progress()
            assert server.token("olivia") not in str(caught.value)
            assert "127.0.0.1" not in str(caught.value)
            assert caught.value.__cause__ is None
        server.faults.clear()

        assert len((await client.in_progress()).items) == 3


async def test_busy_says_how_long() -> None:
    """The server's wish is passed on."""
    async with attic() as server, client_of(server) as client:
        server.faults.add("*", Status(429, retry_after="7"))
        with pytest.raises(ServerBusy) as caught:
            await client.in_progress()
        assert caught.value.retry_after == 7
        server.starting = True
        with pytest.raises(ServerBusy) as caught:
            await client.in_progress()
        assert caught.value.retry_after is None


async def test_the_ids_of_shows_belong_to_the_read() -> None:
    """A snapshot without the ids that it should have is no snapshot."""
    async with attic() as server, client_of(server) as client:
        play_some(server)
        server.faults.add(METADATA, Status(500))
        with pytest.raises(BadResponse):
            await client.in_progress()


@pytest.mark.parametrize(("skew", "told"), [(0, 0), (1.5, 0), (-7200, -7_200_000), (90, 90_000)])
async def test_the_skew_of_the_servers_clock_is_told(skew: float, told: int) -> None:
    """As the first answer showed it; up to two seconds count as none."""
    async with attic() as server, client_of(server) as client:
        server.skew = skew
        film, _, _ = play_some(server)

        snapshot = await client.in_progress()
        read = await client.states([film])

        assert abs(snapshot.skew_ms - told) <= 1000
        assert snapshot.skew_ms == read.skew_ms
        assert (snapshot.skew_ms == 0) is (told == 0)


async def test_states_by_id() -> None:
    """Items are read in batches; what is not there for this user is absent, what is no id is not asked for."""
    async with attic() as server, client_of(server) as client:
        film, episode, _ = play_some(server)
        seen = only(server, "brazil")
        server.set_state("olivia", seen, watched=True, play_count=1, last_played=START - HOUR / 1000)
        many = [server.add_film(Film(f"film-{n}", f"Film {n}", 2000, 6_000_000)) for n in range(201)]
        gone = many.pop()
        server.delete(gone)

        read = await client.states([film, episode, seen, gone, "a/../b", "", *many])

        assert read.absent == {gone, "a/../b", ""}
        assert read.items.keys() == {film, episode, seen, *many}
        assert read.items[film].position_ms == 1_200_000
        assert read.items[episode].item.show_ids > {"show:tvdb:280619"}
        assert (read.items[seen].position_ms, read.items[seen].watched) == (0, True)
        assert (read.unknown, read.read_at) == ({}, START * 1000)
        assert server.traffic.requests(METADATA) == 4


async def test_a_whole_batch_that_is_absent() -> None:
    """A batch of which nothing is there is answered with 404, which is an answer."""
    async with attic() as server, client_of(server) as client:
        read = await client.states(["900001", "900002"])
        assert read.items == {}
        assert read.absent == {"900001", "900002"}
        none = await client.states([])
        assert (none.items, none.absent, none.read_at) == ({}, frozenset(), START * 1000)


async def test_states_of_episodes_without_ids_are_read_once() -> None:
    """What a batch does not tell is not asked for again."""
    async with attic() as server, client_of(server) as client:
        episode = only(server, EXPANSE.episode_key(1, 3))
        state = await state_of(client, episode)
        assert {typed.rsplit(":", 1)[0] for typed in state.item.ids} == {"episode:plex"}
        assert server.traffic.requests(METADATA) == 2
        assert server.traffic.requests(LEAVES) == 0
