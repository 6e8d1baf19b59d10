"""External ids have one spelling, or none if they cannot be matched; errors carry their details."""

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.identity import typed_id
from custom_components.resume_sync.sync.media_server import LibraryGone, ServerBusy
from custom_components.resume_sync.sync.model import MediaKind, Side


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("imdb", "tt0111161", "movie:imdb:tt0111161"),
        ("Imdb", " TT0111161 ", "movie:imdb:tt0111161"),
        ("Tmdb", "278", "movie:tmdb:278"),
        ("tvdb", "000278", "movie:tvdb:278"),
        ("anidb", "17", "movie:anidb:17"),
        ("tvmaze", "82", "movie:tvmaze:82"),
        ("plex", "5D776825880197001EC90A61", "movie:plex:5d776825880197001ec90a61"),
    ],
)
def test_ids_have_one_spelling(source: str, value: str, expected: str) -> None:
    """Case, blanks and leading zeros do not make another id."""
    assert typed_id(MediaKind.MOVIE, source, value) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("imdb", "tt1"),
        ("imdb", "0111161"),
        ("imdb", "150540"),
        ("imdb", "nm0000151"),
        ("imdb", ""),
        ("tmdb", "0"),
        ("tmdb", "-278"),
        ("tmdb", "278-the-film"),
        ("tvdb", ""),
        ("plex", "5d776825880197001ec90a6"),
        ("plex", "local://12"),
        ("tmdbcollection", "86311"),
        ("", "278"),
    ],
)
def test_a_value_that_cannot_be_matched_is_no_id(source: str, value: str) -> None:
    """Placeholders, other kinds of ids and unknown sources are left out."""
    assert typed_id(MediaKind.MOVIE, source, value) is None


def test_kind_is_part_of_an_id() -> None:
    """A film, an episode and a show with the same number are three ids."""
    assert len({typed_id(kind, "tvdb", "278") for kind in MediaKind}) == 3


@given(st.sampled_from(MediaKind), st.text(max_size=12), st.text(max_size=30))
def test_a_typed_id_is_its_own_spelling(kind: MediaKind, source: str, value: str) -> None:
    """It has three parts, and making it again changes nothing, for any text that a server may send."""
    made = typed_id(kind, source, value)
    if made is not None:
        _, same_source, same_value = made.split(":")
        assert typed_id(kind, same_source, same_value) == made


def test_each_side_is_across_from_the_other() -> None:
    """Opposite the peer is the account that holds the pair."""
    assert [side.other for side in Side] == [Side.RIGHT, Side.LEFT]


def test_a_missing_library_is_named() -> None:
    """The dialog can show which libraries are missing, in stable order."""
    assert LibraryGone({"7", "3"}).library_ids == ("3", "7")


def test_a_busy_server_tells_how_long_to_wait() -> None:
    """`retry_after` is None where the server does not say."""
    assert [ServerBusy("busy").retry_after, ServerBusy("busy", 30).retry_after] == [None, 30]
