"""The index of Jellyfin's films and shows."""

from custom_components.resume_sync.servers.title_index import TitleIndex
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
