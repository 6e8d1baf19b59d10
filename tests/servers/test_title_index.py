"""The index of titles by their ids, and how a library's is read and kept up to date."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.servers.listing import Listing
from custom_components.resume_sync.servers.title_index import FRESH_MS, KEPT_MS, LibraryIndex, TitleIndex
from custom_components.resume_sync.sync.media_server import ServerBusy
from custom_components.resume_sync.sync.model import Item, MediaKind

FILM = Item("1", MediaKind.MOVIE, "Tide", frozenset({"movie:imdb:tt0000001", "movie:tmdb:1"}))
COPY = Item("2", MediaKind.MOVIE, "Tide 4K", frozenset({"movie:tmdb:1"}))
SHOW = Item("3", MediaKind.SHOW, "Long Road", frozenset({"show:tvdb:7"}))
TWIN = Item("4", MediaKind.SHOW, "LONG ROAD", frozenset({"show:tvdb:8"}))


def episode(show_ids: set[str], title: str | None = "Long road") -> Item:
    """Return an episode of another server."""
    return Item("x", MediaKind.EPISODE, "", show_title=title, show_ids=frozenset(show_ids), season=1, episode=1)


def test_items_are_found_by_any_id() -> None:
    """Copies share ids; a film and a show with the same number do not."""
    index = TitleIndex([COPY, FILM, SHOW])

    assert index.sharing(["movie:tmdb:1"]) == [FILM, COPY]
    assert index.sharing(["movie:imdb:tt0000001", "movie:tmdb:9"]) == [FILM]
    assert index.sharing(["show:tmdb:1"]) == []
    assert index.shows == [SHOW]


def test_shows_are_found_by_id_and_only_else_by_title() -> None:
    """A title tells where to look for an episode's own ids, no more."""
    index = TitleIndex([SHOW, TWIN])

    assert index.shows_of(episode({"show:tvdb:8"})) == [TWIN]
    assert index.shows_of(episode({"show:tvdb:9"})) == [SHOW, TWIN]
    assert index.shows_of(episode(set(), None)) == []


def test_an_item_that_changed_replaces_what_was_known() -> None:
    """A corrected identification is found by its new ids and title, and not by the old ones."""
    index = TitleIndex([FILM, SHOW])
    index.add(
        [
            Item("1", MediaKind.MOVIE, "Tide", frozenset({"movie:tmdb:5"})),
            Item("3", MediaKind.SHOW, "Short Road", frozenset({"show:tvdb:7"})),
        ]
    )

    assert index.sharing(["movie:tmdb:1", "movie:imdb:tt0000001"]) == []
    assert [item.item_id for item in index.sharing(["movie:tmdb:5"])] == ["1"]
    assert index.shows_of(episode(set())) == []


def test_items_that_are_gone() -> None:
    """Dropped items are not found; ids that were never there do not matter."""
    index = TitleIndex([FILM, COPY, SHOW])
    index.drop(["1", "3", "99"])

    assert index.sharing(FILM.ids) == [COPY]
    assert index.shows_of(episode({"show:tvdb:7"})) == []
    assert index.shows == []


def test_the_revision_tells_titles_and_ids_apart() -> None:
    """The same library has the same revision, in whatever order it was read; any change another one."""
    first = TitleIndex([FILM, SHOW])
    again = TitleIndex([SHOW, FILM])
    revision = first.revision
    assert revision == again.revision
    first.add([FILM])
    assert first.revision == revision
    first.add([COPY])
    grown = first.revision
    first.drop([COPY.item_id])
    assert grown != revision
    assert first.revision == revision
    first.add([Item("1", MediaKind.MOVIE, "Tide", frozenset({"movie:tmdb:1"}))])
    assert first.revision != revision
    assert TitleIndex().revision != revision


def test_a_copy_of_an_episode_shares_an_own_id_or_its_place_in_a_show() -> None:
    """The same number alone is not enough; nor is an id of the show that stands in the episode's place."""
    wanted = replace(episode({"show:tvdb:7"}), ids=frozenset({"episode:imdb:tt0000009", "episode:tvdb:7"}))
    by_id = Item("a", MediaKind.EPISODE, "", wanted.ids, season=4, episode=4)
    by_place = Item("b", MediaKind.EPISODE, "", show_ids=frozenset({"show:tvdb:7"}), season=1, episode=1)
    other_show = replace(by_place, item_id="c", show_ids=frozenset({"show:tvdb:8"}))
    other_number = replace(by_place, item_id="d", episode=2)
    show_id_only = replace(other_number, item_id="e", ids=frozenset({"episode:tvdb:7"}))
    index = TitleIndex([show_id_only, other_number, other_show, by_place, by_id])

    assert index.copies_of(wanted) == [by_id, by_place]
    index.drop(["a"])
    assert index.copies_of(wanted) == [by_place]


def test_a_larger_index_leaves_the_smaller_one_as_it_is() -> None:
    """It may be read meanwhile: a large one grows in a thread."""
    small = TitleIndex([FILM, SHOW])
    revision = small.revision
    large = small.with_items([COPY, TWIN, replace(FILM, ids=frozenset({"movie:tmdb:5"}))])

    assert (small.sharing(["movie:tmdb:1"]), small.shows_of(episode(set()))) == ([FILM], [SHOW])
    assert (large.sharing(["movie:tmdb:1"]), large.shows_of(episode(set()))) == ([COPY], [SHOW, TWIN])
    assert small.revision == revision
    assert large.revision == TitleIndex([COPY, TWIN, SHOW, replace(FILM, ids=frozenset({"movie:tmdb:5"}))]).revision


NOW = 1_700_000_000_000
SKEW_MS = 3_000
OVERLAP_MS = 60_000


class Shelf:
    """A server's films and shows, with what it was asked: `None` for everything, else since when by its clock."""

    def __init__(self) -> None:
        """Hold one film; nothing changed, and it can tell so."""
        self.now = NOW
        self.items: tuple[Item, ...] = (FILM,)
        self.changed: tuple[Item, ...] | None = ()
        self.asked: list[int | None] = []
        self.busy = False
        self.index = LibraryIndex(self, lambda: self.now, overlap_ms=OVERLAP_MS)

    async def everything(self) -> Listing[Item]:
        """Return all."""
        self.asked.append(None)
        if self.busy:
            raise ServerBusy("Later")
        return Listing(self.items, self.now, SKEW_MS)

    async def changed_since(self, server_ms: int) -> Listing[Item] | None:
        """Return what changed."""
        self.asked.append(server_ms)
        return None if self.changed is None else Listing(self.changed, self.now, SKEW_MS)


async def test_a_library_is_read_once_a_day() -> None:
    """Nothing is known before; a day later everything is read anew, because deletions are not told."""
    shelf = Shelf()
    assert (shelf.index.loaded, shelf.index.revision, shelf.index.titles.sharing(FILM.ids)) == (False, None, [])

    await shelf.index.load()
    shelf.now += KEPT_MS - 1
    await shelf.index.load()
    assert shelf.index.loaded
    assert shelf.asked == [None]

    shelf.now += 1
    shelf.items = (COPY,)
    await shelf.index.load()
    assert shelf.asked == [None, None]
    assert shelf.index.titles.sharing(FILM.ids) == [COPY]


async def test_a_library_that_cannot_be_read_anew_is_not_forgotten() -> None:
    """Its revision stays, and the next look-up tries again."""
    shelf = Shelf()
    await shelf.index.load()
    revision = shelf.index.revision
    shelf.now += KEPT_MS
    shelf.busy = True
    with pytest.raises(ServerBusy):
        await shelf.index.load()

    assert (shelf.index.loaded, shelf.index.revision) == (False, revision)


async def test_a_refresh_asks_for_changes_since_the_last_reading() -> None:
    """By the server's clock, some time before it, and at most every five minutes."""
    shelf = Shelf()
    await shelf.index.load()
    shelf.now += FRESH_MS - 1
    assert not await shelf.index.refresh()
    assert shelf.asked == [None]

    shelf.now += 1
    shelf.changed = (SHOW,)
    assert await shelf.index.refresh()
    assert shelf.asked[1:] == [NOW + SKEW_MS - OVERLAP_MS]
    assert shelf.index.titles.shows == [SHOW]

    shelf.now += FRESH_MS
    shelf.changed = ()
    assert not await shelf.index.refresh()
    assert shelf.asked[2:] == [NOW + FRESH_MS + SKEW_MS - OVERLAP_MS]
    assert shelf.index.titles.shows == [SHOW]


async def test_a_server_that_cannot_tell_changes_is_read_anew() -> None:
    """What is gone meanwhile is gone from the index too."""
    shelf = Shelf()
    await shelf.index.load()
    shelf.now += FRESH_MS
    shelf.items, shelf.changed = (SHOW,), None

    assert await shelf.index.refresh()
    assert shelf.asked[2:] == [None]
    assert (shelf.index.titles.sharing(FILM.ids), shelf.index.titles.shows) == ([], [SHOW])


async def test_items_that_are_gone_are_looked_for_again() -> None:
    """They leave the index; forgetting leaves nothing of it."""
    shelf = Shelf()
    shelf.index.drop(["1"])
    await shelf.index.load()
    shelf.index.drop(["1"])
    assert shelf.index.titles.sharing(FILM.ids) == []

    shelf.index.forget()
    assert (shelf.index.loaded, shelf.index.revision) == (False, None)
