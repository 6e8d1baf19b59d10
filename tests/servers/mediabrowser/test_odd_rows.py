"""Malformed rows of Jellyfin and Emby, and values at their limits."""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.mediabrowser.rows import (
    StateRows,
    item_rows,
    json_list,
    json_object,
    page_rows,
    state_rows,
)
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Item, MediaKind, Unreadable
from tests.servers.mediabrowser.rows import epoch_ms, film_row

NOW = epoch_ms("2026-11-30T00:00:00")


def parse(*rows: object) -> StateRows:
    """Read rows of an Emby server."""
    return state_rows(rows, EMBY.item_id, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Type": 7}, "type"),
        ({"Type": None}, "type"),
        ({"UserData": None}, "no user data"),
        ({"UserData": []}, "no user data"),
        ({"PlaybackPositionTicks": None}, "position"),
        ({"PlaybackPositionTicks": -1}, "position"),
    ],
)
def test_a_row_that_is_not_understood_becomes_unknown(changes: Mapping[str, Any], reason: str) -> None:
    """One bad row has a reason and its title, and the others still count."""
    parsed = parse(film_row(**changes), film_row(Id="6"))

    assert parsed.unknown == {"5": Unreadable(reason, Item("5", MediaKind.MOVIE, "Tide"))}
    assert set(parsed.rows) == {"6"}
    assert (parsed.nameless, parsed.others) == (0, 0)


@pytest.mark.parametrize("kind", ["Series", "Season", "Video", "Trailer", "BoxSet"])
def test_a_row_of_another_type_is_counted(kind: str) -> None:
    """Lists of Jellyfin 12 tell shows and seasons that are partly watched: neither unknown nor without an id."""
    parsed = parse(film_row(Type=kind), film_row(Id="6"))

    assert (set(parsed.rows), dict(parsed.unknown), parsed.nameless, parsed.others) == ({"6"}, {}, 0, 1)


def test_a_row_without_a_type_that_names_a_show_is_an_episode_s() -> None:
    """It is unreadable, but whoever looks at it sees what it is."""
    row = film_row(Type=None) | {"SeriesId": "9", "SeriesName": "Long Road", "ParentIndexNumber": 2, "IndexNumber": 3}
    item = parse(row).unknown["5"].item

    assert item == Item("5", MediaKind.EPISODE, "Tide", show_title="Long Road", season=2, episode=3)


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ({"Played": None, "IsFavorite": None}, (False, False)),
        ({"Played": True, "IsFavorite": True}, (True, True)),
        ({"Played": "true", "IsFavorite": "True"}, (True, True)),
        ({"Played": "false", "IsFavorite": 0}, (False, False)),
    ],
)
def test_marks(changes: Mapping[str, Any], marks: tuple[bool, bool]) -> None:
    """A mark that is not told is not there."""
    state = parse(film_row(**changes)).rows["5"].state

    assert (state.watched, state.favorite) == marks


@pytest.mark.parametrize(
    "row", [None, "5", [], {}, {"Id": None}, {"Id": 5}, {"Id": ""}, {"Id": "0"}, {"Id": "5 "}, {"Id": "a" * 32}]
)
def test_a_row_without_an_id_is_counted(row: object) -> None:
    """Rows that name no item make every absence doubtful."""
    parsed = parse(row, film_row())

    assert (set(parsed.rows), parsed.nameless) == ({"5"}, 1)
    assert list(item_rows([row], EMBY.item_id)) == []


@pytest.mark.parametrize(
    "item_id", ["0" * 32, "A" * 32, "a" * 31, "a" * 33, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "5", f"{'a' * 32}\n"]
)
def test_ids_that_are_not_jellyfins(item_id: str) -> None:
    """The user's root folder, other spellings and other servers' ids are never sent."""
    assert JELLYFIN.item_id.fullmatch(item_id) is None


def test_rows_that_come_twice() -> None:
    """A row that a moving list shows twice is one item; if it says two things, nothing is known of the item."""
    parsed = parse(
        film_row(),
        film_row(),
        film_row(Id="6", PlaybackPositionTicks=-1),
        film_row(Id="6"),
        film_row(Id="7"),
        film_row(Id="7", PlaybackPositionTicks=10**9),
        film_row(Id="7"),
    )

    assert parsed.rows["5"].state.position_ms == 7
    assert parsed.rows.keys() == {"5"}
    assert {key: row.reason for key, row in parsed.unknown.items()} == {"6": "position", "7": "two rows that differ"}


@pytest.mark.parametrize(
    ("rating", "read"),
    [(7, 7.0), (6.5, 6.5), (float("inf"), None), (float("nan"), None), (10**400, None), (True, None), ("7", None)],
)
def test_ratings(rating: object, read: float | None) -> None:
    """A rating is written back to Emby as it was; an invalid one is left out."""
    (row,) = parse(film_row(Rating=rating)).rows.values()

    assert row.state.rating == read


def test_texts_and_numbers_are_bounded() -> None:
    """Texts are cut to a sensible size; halves of surrogate pairs and control characters are left out."""
    (row,) = parse(film_row(Name="x" * 10_000_000, ProductionYear=10**4000, RunTimeTicks=10**18)).rows.values()
    assert (len(row.state.item.title), row.state.item.year, row.state.item.duration_ms) == (300, None, None)

    (row,) = parse(film_row(Name="a\ud800b\x00c\u202ed")).rows.values()
    assert row.state.item.title == "a b c d"


def test_a_row_needs_no_duration_and_no_ids() -> None:
    """A film that was never probed nor identified is still a film in progress."""
    (row,) = parse(film_row(Name=None, PlayCount=None, ProviderIds=[])).rows.values()

    assert row.state.item == Item("5", MediaKind.MOVIE, "")
    assert (row.state.play_count, row.state.last_played_server_ms, row.state.rating) == (0, None, None)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"Items": {}}, {"Items": [], "TotalRecordCount": "1"}])
def test_a_page_of_the_wrong_shape_is_an_error(body: object) -> None:
    """Nothing is ever read out of an answer that is no page."""
    with pytest.raises(BadResponse):
        page_rows(body)


def test_shapes() -> None:
    """A total of `true` is no number; a page without a total is valid; a list is no object."""
    with pytest.raises(BadResponse):
        page_rows({"Items": [], "TotalRecordCount": True})
    assert page_rows({"Items": [1]}) == ([1], 0)
    with pytest.raises(BadResponse):
        json_list({})
    with pytest.raises(BadResponse):
        json_object([])
