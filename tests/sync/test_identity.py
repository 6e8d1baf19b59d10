"""What an item is known by: its own ids, its place in a show, and a name made of them."""

import pytest

from custom_components.resume_sync.sync.identity import match_keys, place_ids, same_number, title_key
from custom_components.resume_sync.sync.model import Item, MediaKind

from .builders import episode, movie


@pytest.mark.parametrize(("season", "number"), [(None, 1), (1, None)])
def test_an_unknown_place_is_no_place(season: int | None, number: int | None) -> None:
    """An episode without season or number has only its own ids."""
    assert match_keys(episode("a", show=["tvdb:1"], season=season, number=number)) == frozenset()


def test_the_same_number_is_that_of_any_show() -> None:
    """It makes an episode a candidate, no more; an episode without a number has the number of no other."""
    special = Item("1", MediaKind.EPISODE, "", show_ids=frozenset({"show:tvdb:1"}), season=0, episode=1)
    unnumbered = Item("2", MediaKind.EPISODE, "", season=0)

    assert same_number(special, Item("3", MediaKind.EPISODE, "", season=0, episode=1))
    assert not same_number(special, Item("3", MediaKind.EPISODE, "", season=1, episode=1))
    assert not same_number(unnumbered, unnumbered)


def test_a_film_has_no_place() -> None:
    """Season and number mean nothing for a film."""
    assert place_ids(movie("a", "tmdb:1")) == frozenset()


def test_a_title_is_named_after_its_most_used_source() -> None:
    """The order of copies does not matter, and an own id comes before a place."""
    assert title_key([movie("a", "tmdb:1"), movie("b", "imdb:tt00001")]) == "movie:imdb:tt00001"
    assert title_key([episode("a", "tvmaze:4", show=["imdb:tt00001"])]) == "episode:tvmaze:4"
    assert title_key([episode("a", show=["tvdb:4"])]) == "episode:tvdb-show:4/1/1"
    assert title_key([movie("a")]) == "movie:item:a"


def test_the_name_of_an_unlisted_source_comes_last() -> None:
    """Ids of a source that only a newer version knows are still kept and compared."""
    assert title_key([movie("a", "trakt:4", "tvmaze:9")]) == "movie:tvmaze:9"


def test_kinds_have_names_in_keys() -> None:
    """Every key begins with its kind, so keys of different kinds never match."""
    assert {key.partition(":")[0] for key in match_keys(episode("a", "tvdb:2", show=["tvdb:1"]))} == {MediaKind.EPISODE}
