"""Malformed rows of Jellyfin and Emby, and values at their limits."""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.mediabrowser.rows import (
    item_rows,
    json_list,
    json_object,
    page_rows,
    state_rows,
)
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Item, MediaKind
from tests.servers.mediabrowser.rows import film_row


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Type": "Series"}, "type"),
        ({"Type": "Video"}, "type"),
        ({"Type": 7}, "type"),
        ({"UserData": None}, "no user data"),
        ({"UserData": []}, "no user data"),
        ({"PlaybackPositionTicks": None}, "position"),
        ({"PlaybackPositionTicks": -1}, "position"),
        ({"PlaybackPositionTicks": "70000"}, "position"),
        ({"PlaybackPositionTicks": True}, "position"),
        ({"PlaybackPositionTicks": 1.5}, "position"),
        ({"PlayCount": "3"}, "play count"),
        ({"PlayCount": -3}, "play count"),
        ({"Played": None}, "Played"),
        ({"Played": "false"}, "Played"),
        ({"IsFavorite": 0}, "IsFavorite"),
        ({"LastPlayedDate": "yesterday"}, "last played date"),
        ({"LastPlayedDate": 1_700_000_000}, "last played date"),
    ],
)
def test_a_row_that_is_not_understood_becomes_unknown(changes: Mapping[str, Any], reason: str) -> None:
    """One bad row has a reason, and the others still count."""
    parsed = state_rows([film_row(**changes), film_row(Id="6")], EMBY.item_id)

    assert parsed.unknown == {"5": reason}
    assert set(parsed.rows) == {"6"}
    assert parsed.nameless == 0


@pytest.mark.parametrize(
    "row", [None, "5", [], {}, {"Id": None}, {"Id": 5}, {"Id": ""}, {"Id": "0"}, {"Id": "5 "}, {"Id": "a" * 32}]
)
def test_a_row_without_an_id_is_counted(row: object) -> None:
    """Rows that name no item make every absence doubtful."""
    parsed = state_rows([row, film_row()], EMBY.item_id)

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
    parsed = state_rows(
        [
            film_row(),
            film_row(),
            film_row(Id="6", Type="Box"),
            film_row(Id="6"),
            film_row(Id="7"),
            film_row(Id="7", PlaybackPositionTicks=10**9),
            film_row(Id="7"),
        ],
        EMBY.item_id,
    )

    assert parsed.rows["5"].state.position_ms == 7
    assert parsed.rows.keys() == {"5"}
    assert parsed.unknown == {"6": "type", "7": "two rows that differ"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PlaybackPositionTicks": -1}, "position"),
        ({"PlaybackPositionTicks": 10**30}, "position"),
        ({"PlaybackPositionTicks": 1e18}, "position"),
        ({"PlaybackPositionTicks": 10**4000}, "position"),
        (
            {"RunTimeTicks": 60 * 60 * 10**7, "PlaybackPositionTicks": 2 * 60 * 60 * 10**7 + 10_000},
            "position beyond the end",
        ),
        ({"RunTimeTicks": None, "PlaybackPositionTicks": 101 * 60 * 60 * 10**7}, "position beyond the end"),
        ({"PlayCount": 2**31}, "play count"),
        ({"LastPlayedDate": "9999-12-31T23:59:59-14:00"}, "last played date"),
        ({"LastPlayedDate": "2200-01-01T00:00:00Z"}, "last played date"),
        ({"LastPlayedDate": "1969-12-31T23:59:59Z"}, "last played date"),
    ],
)
def test_an_implausible_value_makes_a_row_unreadable(changes: dict[str, object], reason: str) -> None:
    """Positions before the beginning or far beyond the end, and dates of other centuries, never become a plan."""
    parsed = state_rows([film_row(**changes)], EMBY.item_id)

    assert (dict(parsed.rows), parsed.unknown) == ({}, {"5": reason})


def test_values_at_their_limits_are_read() -> None:
    """A longer version, a play count at its limit, the last day that is believed."""
    (row,) = state_rows(
        [
            film_row(
                RunTimeTicks=60 * 60 * 10**7,
                PlaybackPositionTicks=2 * 60 * 60 * 10**7,
                PlayCount=2**31 - 1,
                LastPlayedDate="2199-12-31T23:59:59Z",
            )
        ],
        EMBY.item_id,
    ).rows.values()

    assert (row.state.position_ms, row.state.play_count) == (7_200_000, 2**31 - 1)
    assert row.state.last_played_server_ms == 7_258_118_399_000


@pytest.mark.parametrize(
    ("rating", "read"),
    [(7, 7.0), (6.5, 6.5), (float("inf"), None), (float("nan"), None), (10**400, None), (True, None), ("7", None)],
)
def test_ratings(rating: object, read: float | None) -> None:
    """A rating is written back to Emby as it was; an invalid one is left out."""
    (row,) = state_rows([film_row(Rating=rating)], EMBY.item_id).rows.values()

    assert row.state.rating == read


def test_texts_and_numbers_are_bounded() -> None:
    """Texts are cut to a sensible size; halves of surrogate pairs and control characters are left out."""
    (row,) = state_rows(
        [film_row(Name="x" * 10_000_000, ProductionYear=10**4000, RunTimeTicks=10**18)], EMBY.item_id
    ).rows.values()
    assert (len(row.state.item.title), row.state.item.year, row.state.item.duration_ms) == (300, None, None)

    (row,) = state_rows([film_row(Name="a\ud800b\x00c\u202ed")], EMBY.item_id).rows.values()
    assert row.state.item.title == "a b c d"


def test_a_row_needs_no_duration_and_no_ids() -> None:
    """A film that was never probed nor identified is still a film in progress."""
    (row,) = state_rows([film_row(Name=None, PlayCount=None, ProviderIds=[])], EMBY.item_id).rows.values()

    assert row.state.item == Item("5", MediaKind.MOVIE, "")
    assert (row.state.play_count, row.state.last_played_server_ms, row.state.rating) == (0, None, None)


@pytest.mark.parametrize("ticks", [0, -1, 9_999, "x", True, 1.5])
def test_a_useless_duration_is_none(ticks: object) -> None:
    """Durations are shares' denominators: no zero, no guess."""
    (row,) = state_rows([film_row(RunTimeTicks=ticks)], EMBY.item_id).rows.values()

    assert row.state.item.duration_ms is None


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
