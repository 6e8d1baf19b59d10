"""Plex accounts that are limited to some sections."""

from typing import Any

import pytest

from custom_components.resume_sync.servers.plex.server import PlexServer
from custom_components.resume_sync.servers.sign_in import Library
from custom_components.resume_sync.sync.media_server import BadResponse, LibraryGone
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.servers.plex.attic import (
    ALIEN,
    ALL,
    EXPANSE,
    METADATA,
    SECTION,
    SECTIONS,
    START,
    attic,
    client_of,
    only,
    state_of,
    wanted,
)
from tests.simulators.faults import Status
from tests.simulators.holdings import LibraryKind
from tests.simulators.plex.server import PlexMediaServer

pytestmark = pytest.mark.usefixtures("socket_enabled")


def limited(server: PlexMediaServer, *names: str, **options: Any) -> Any:
    """Return a client that is limited to sections."""
    return client_of(server, libraries=[server.library(name).library_id for name in names], **options)


def play_some(server: PlexMediaServer) -> tuple[str, str, str]:
    """Put a film in two sections and an episode in progress."""
    server.add_film(ALIEN, library="Films 4K")
    first, second = server.items_of("alien")
    episode = only(server, EXPANSE.episode_key(1, 2))
    for item_id in (first, second, episode):
        server.set_state("olivia", item_id, position_ms=900_000, last_played=START - 60)
    return first, second, episode


async def test_sections_are_told_by_key_and_name() -> None:
    """All sections of films and shows that the user sees."""
    async with attic() as server, client_of(server) as client:
        assert await client.libraries() == tuple(
            Library(library.library_id, library.name) for library in server.libraries.values()
        )
        server.unshare("Films", "henry")
        async with client_of(server, "henry") as other:
            assert "Films" not in [library.name for library in await other.libraries()]


async def test_one_listing_for_each_section() -> None:
    """Each chosen section is asked for what it holds, and nothing else is, while nothing changes."""
    async with attic() as server:
        _, film, episode = play_some(server)
        async with limited(server, "Films 4K", "Shows") as client:
            first = await client.in_progress()

            assert first.items.keys() == {film, episode}
            assert "show:tvdb:280619" in first.items[episode].item.show_ids
            assert [first.items[key].item.library for key in (film, episode)] == ["Films 4K", "Shows"]
            assert first.read_at == START * 1000
            server.traffic.reset()
            assert (await client.in_progress()).items == first.items
            assert server.traffic.table() == {SECTION: 2}


async def test_one_kind_of_section() -> None:
    """An account limited to sections of shows asks for no films, and still tells the skew of the server's clock."""
    async with attic() as server:
        _, _, episode = play_some(server)
        server.skew = 3600
        async with limited(server, "Shows") as client:
            snapshot = await client.in_progress()
            assert snapshot.items.keys() == {episode}
            assert snapshot.skew_ms == pytest.approx(3_600_000, abs=2000)
            server.traffic.reset()
            await client.in_progress()
            assert server.traffic.table() == {SECTION: 1}


@pytest.mark.parametrize("removed", [False, True])
async def test_a_section_that_vanished(removed: bool) -> None:
    """A section that is removed, or not shared any more, is an error as long as it is chosen."""
    async with attic() as server:
        play_some(server)
        async with limited(server, "Films 4K", "Shows") as client:
            await client.in_progress()
            gone = server.library("Films 4K").library_id
            if removed:
                server.remove_library("Films 4K")
            else:
                server.unshare("Films 4K", "olivia")

            for _ in range(2):
                with pytest.raises(LibraryGone) as caught:
                    await client.in_progress()
                assert caught.value.library_ids == (gone,)


async def test_a_section_that_was_never_there() -> None:
    """A chosen section that is not among the sections is an error at once."""
    async with attic() as server, client_of(server, libraries=["99"]) as client:
        with pytest.raises(LibraryGone):
            await client.in_progress()
        assert SECTION not in server.traffic.table()


async def test_a_section_that_is_there_and_not_listed() -> None:
    """A refusal by a section that the server names is an error of the answer."""
    async with attic() as server, limited(server, "Films") as client:
        for skip, status in enumerate((401, 401, 403, 404)):
            server.faults.add(SECTION, Status(status), skip=skip)
        for _ in range(3):
            with pytest.raises(BadResponse):
                await client.in_progress()
        assert (await client.in_progress()).items == {}


async def test_an_empty_section_is_looked_for_once_an_hour() -> None:
    """Nothing in progress is a fact as long as the section is seen to be there."""
    async with attic() as server:
        server.add_library("Kids", LibraryKind.FILMS)
        async with limited(server, "Kids", "Shows") as client:
            assert (await client.in_progress()).items == {}
            server.traffic.reset()
            for _ in range(11):
                server.clock.advance(300)
                assert (await client.in_progress()).items == {}
            assert server.traffic.table() == {SECTION: 22}
            server.clock.advance(300)
            await client.in_progress()
            assert 1 <= server.traffic.requests(SECTIONS) <= 2

            film = server.add_film(ALIEN, library="Kids")
            server.set_state("olivia", film, position_ms=900_000)
            assert (await client.in_progress()).items.keys() == {film}
            server.traffic.reset()
            server.set_state("olivia", film, position_ms=0)
            assert (await client.in_progress()).items == {}
            assert server.traffic.requests(SECTIONS) == 1


async def test_states_do_not_depend_on_the_choice() -> None:
    """An item that is known by its id is read wherever it is."""
    async with attic() as server:
        film, _, _ = play_some(server)
        async with limited(server, "Shows") as client:
            assert (await state_of(client, film)).position_ms == 900_000


async def found_by(client: PlexServer, server: PlexMediaServer) -> tuple[set[str], set[str]]:
    """Look for a film and an episode; return the ids of what was found."""
    async with client_of(server) as other:
        film = (await state_of(other, server.items_of("alien")[0])).item
        episode = (await state_of(other, only(server, EXPANSE.episode_key(1, 1)))).item
    found = await client.find([wanted(film), wanted(episode)])
    return (
        {item.item_id for item in found[f"other-{film.item_id}"]},
        {item.item_id for item in found[f"other-{episode.item_id}"]},
    )


async def test_titles_are_found_in_the_chosen_sections_only() -> None:
    """A few titles are asked for section by section."""
    async with attic() as server:
        first, second, _ = play_some(server)
        async with limited(server, "Films 4K") as client:
            assert await found_by(client, server) == ({second}, set())
        async with limited(server, "Films 4K", "Films", "Shows") as client:
            server.traffic.reset()
            assert await found_by(client, server) == (
                {first, second},
                {only(server, EXPANSE.episode_key(1, 1))},
            )
            assert ALL not in server.traffic.table()
            assert METADATA in server.traffic.table()


async def test_an_index_holds_the_chosen_sections_only() -> None:
    """What no query finds is looked for in an index of the chosen sections, and in what is added to them later."""
    async with attic() as server:
        server.add_library("Films 4K", LibraryKind.FILMS)
        async with limited(server, "Films 4K") as client:
            film = Item("there", MediaKind.MOVIE, "Another title", frozenset({"movie:imdb:tt0078748"}))
            assert (await client.find([film]))["there"] == ()
            server.clock.advance(600)
            added = server.add_film(ALIEN, library="Films 4K")
            server.traffic.reset()
            assert [item.item_id for item in (await client.find([film]))["there"]] == [added]
            assert server.traffic.table() == {SECTION: 2}


async def test_titles_are_not_found_in_a_section_that_vanished() -> None:
    """A look-up in a section that is gone is an error."""
    async with attic() as server:
        play_some(server)
        async with limited(server, "Films 4K") as client:
            await client.in_progress()
            async with client_of(server) as other:
                film = (await state_of(other, server.items_of("alien")[0])).item
            server.remove_library("Films 4K")
            with pytest.raises(LibraryGone):
                await client.find([wanted(film)])


async def test_forgotten_choices_are_confirmed_anew() -> None:
    """After everything was forgotten the sections are read again."""
    async with attic() as server:
        play_some(server)
        async with limited(server, "Shows") as client:
            await client.in_progress()
            client.forget()
            server.traffic.reset()
            await client.in_progress()
            assert server.traffic.table() == {SECTIONS: 1, SECTION: 1, METADATA: 1}
