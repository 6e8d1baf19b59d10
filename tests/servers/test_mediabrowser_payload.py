"""Reading what Jellyfin and Emby send: every field of the samples, and every way in which a row can be wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
import re
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.servers.mediabrowser_dialect import EMBY, JELLYFIN, Dialect
from custom_components.resume_sync.servers.mediabrowser_payload import (
    active_items,
    iso_date,
    item_rows,
    json_list,
    json_object,
    page_rows,
    parse_date,
    state_rows,
    with_show_ids,
)
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Activity, Item, MediaKind

from .mediabrowser_samples import sample

BOTH = pytest.mark.parametrize(
    ("server", "dialect", "film", "episode", "show"),
    [
        pytest.param(
            "jellyfin",
            JELLYFIN,
            "505570f700de05e9fc2881a8385deb45",
            "3fc160882cc70ecf20281aef83317ec1",
            "e194ce29fc3236360a7fd085699f5f39",
            id="jellyfin",
        ),
        pytest.param("emby", EMBY, "106", "135", "118", id="emby"),
    ],
)


def epoch_ms(text: str) -> int:
    """Return a date of a sample, to the millisecond, in epoch milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@BOTH
def test_a_listing_has_all_that_a_state_needs(
    server: str, dialect: Dialect, film: str, episode: str, show: str
) -> None:
    """Position, duration, date, marks and ids come out of one row."""
    rows, total = page_rows(sample(server, "resumable_page"))
    parsed = state_rows(rows, dialect.item_id)

    assert (total, len(parsed.rows), parsed.unknown, parsed.nameless) == (6, 6, {}, 0)
    state = parsed.rows[film].state
    assert state.item == Item(
        film,
        MediaKind.MOVIE,
        "Blue Harbour",
        frozenset({"movie:imdb:tt1234567", "movie:tmdb:55555"}),
        2011 if server == "jellyfin" else None,
        6_240_000,
    )
    assert (state.position_ms, state.watched, state.play_count, state.favorite) == (900_250, False, 1, True)
    assert state.last_played_server_ms == epoch_ms(
        "2026-11-18T19:04:31.482" if server == "jellyfin" else "2026-11-18T19:04:31"
    )
    row = parsed.rows[episode]
    assert row.show_item_id == show
    assert row.state.item == Item(
        episode,
        MediaKind.EPISODE,
        "Double",
        frozenset({"episode:tvdb:349207"}),
        2008 if server == "jellyfin" else None,
        5_280_000,
        "Long Road",
        season=2,
        episode=7,
    )
    assert [each.state.item.season for each in parsed.rows.values()] == [None, None, 2, 0, 1, None]


@BOTH
def test_a_batch_and_a_detail_say_the_same(server: str, dialect: Dialect, film: str, episode: str, show: str) -> None:
    """An item is the same however it was asked for."""
    batch = state_rows(page_rows(sample(server, "items_by_ids"))[0], dialect.item_id)
    detail = state_rows([sample(server, "item_detail")], dialect.item_id)

    assert set(batch.rows) == {film, episode}
    assert batch.rows[film].state.position_ms == detail.rows[film].state.position_ms
    assert batch.rows[film].state.item.ids == detail.rows[film].state.item.ids


@BOTH
def test_shows_and_seasons_are_read_as_items(server: str, dialect: Dialect, film: str, episode: str, show: str) -> None:
    """Slim rows bring the ids of shows and the numbers of episodes."""
    (series,) = item_rows(page_rows(sample(server, "series_by_ids"))[0], dialect.item_id)
    season = list(item_rows(page_rows(sample(server, "episodes_of_season"))[0], dialect.item_id))

    assert series.item.ids == {"show:tvdb:81189", "show:imdb:tt0903747", "show:tmdb:1396"}
    assert (series.item.item_id, series.item.kind, series.show_item_id) == (show, MediaKind.SHOW, None)
    assert [(row.item.season, row.item.episode) for row in season] == [(2, number) for number in range(1, 8)]
    assert {row.show_item_id for row in season} == {show}


def test_items_of_other_types_are_left_out() -> None:
    """A look-up that brings a box set or a trailer brings nothing to match."""
    rows = [{"Id": "5", "Type": "BoxSet"}, {"Id": "6", "Type": "Movie", "LocationType": "Virtual"}]

    assert [(row.item.item_id, row.virtual) for row in item_rows(rows, EMBY.item_id)] == [("6", True)]


def test_emby_without_the_right_fields_hides_the_history() -> None:
    """The trap that the fields in our requests avoid: a played item looks never played."""
    rows, _ = page_rows(sample("emby", "resumable_page_without_fields"))
    parsed = state_rows(rows, EMBY.item_id)

    assert {(row.state.play_count, row.state.last_played_server_ms) for row in parsed.rows.values()} == {(0, None)}
    assert {"UserDataLastPlayedDate", "UserDataPlayCount", "ProviderIds"} <= set(EMBY.fields.split(","))


def film_row(**changes: Any) -> dict[str, Any]:
    """Return a good Emby row with some fields changed; None takes a field away."""
    row: dict[str, Any] = {
        "Id": "5",
        "Type": "Movie",
        "Name": "Tide",
        "UserData": {"PlaybackPositionTicks": 70_000, "Played": False, "IsFavorite": False, "PlayCount": 3},
    }
    for key, value in changes.items():
        target = (
            row
            if key in ("Id", "Type", "Name", "UserData", "ProviderIds", "RunTimeTicks", "ProductionYear")
            else row["UserData"]
        )
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
    return row


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
def test_what_cannot_be_true_is_not_understood(changes: dict[str, object], reason: str) -> None:
    """Positions before the beginning or far beyond the end, and dates of other centuries, never become a plan."""
    parsed = state_rows([film_row(**changes)], EMBY.item_id)

    assert (dict(parsed.rows), parsed.unknown) == ({}, {"5": reason})


def test_what_just_fits() -> None:
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
    """A rating is written back to Emby as it was; what is none is left out."""
    (row,) = state_rows([film_row(Rating=rating)], EMBY.item_id).rows.values()

    assert row.state.rating == read


def test_texts_and_numbers_are_bounded() -> None:
    """What is shown and stored has a sensible size; halves of surrogate pairs and control signs are left out."""
    (row,) = state_rows(
        [film_row(Name="x" * 10_000_000, ProductionYear=10**4000, RunTimeTicks=10**18)], EMBY.item_id
    ).rows.values()
    assert (len(row.state.item.title), row.state.item.year, row.state.item.duration_ms) == (300, None, None)

    (row,) = state_rows([film_row(Name="a\ud800b\x00c\u202ed")], EMBY.item_id).rows.values()
    assert row.state.item.title == "a b c d"


def test_what_may_be_left_out_of_a_row() -> None:
    """A film that was never probed nor identified is still a film in progress."""
    (row,) = state_rows([film_row(Name=None, PlayCount=None, ProviderIds=[])], EMBY.item_id).rows.values()

    assert row.state.item == Item("5", MediaKind.MOVIE, "")
    assert (row.state.play_count, row.state.last_played_server_ms, row.state.rating) == (0, None, None)


@pytest.mark.parametrize("ticks", [0, -1, 9_999, "x", True, 1.5])
def test_a_useless_duration_is_none(ticks: object) -> None:
    """Durations are shares' denominators: no zero, no guess."""
    (row,) = state_rows([film_row(RunTimeTicks=ticks)], EMBY.item_id).rows.values()

    assert row.state.item.duration_ms is None


def test_ids_come_with_dirt() -> None:
    """Keys in any case, empty values, blanks, a missing tt, collections and numbers."""
    dirty = {"IMDB": "1234567", "tmdb": " 0042 ", "Tvdb": "", "TmdbCollection": "9", "TvMaze": 5, "": "x"}
    (row,) = state_rows([film_row(ProviderIds=dirty, Rating=7)], EMBY.item_id).rows.values()

    assert row.state.item.ids == {"movie:imdb:tt1234567", "movie:tmdb:42"}
    assert row.state.rating == 7.0


def test_a_show_id_in_an_episodes_place_is_dropped() -> None:
    """An episode that carries its show's id would be the same title as every other one of that show."""
    show_ids = frozenset({"show:tvdb:81189", "show:imdb:tt0903747"})
    episode = Item("5", MediaKind.EPISODE, "", frozenset({"episode:tvdb:81189", "episode:imdb:tt0959102"}))

    completed = with_show_ids(episode, show_ids)

    assert completed.ids == {"episode:imdb:tt0959102"}
    assert completed.show_ids == show_ids


@pytest.mark.parametrize("body", [None, [], "x", {}, {"Items": {}}, {"Items": [], "TotalRecordCount": "1"}])
def test_a_page_of_the_wrong_shape_is_an_error(body: object) -> None:
    """Nothing is ever read out of an answer that is no page."""
    with pytest.raises(BadResponse):
        page_rows(body)


def test_shapes() -> None:
    """A total of true is no number, a page without a total is one, lists and objects are what they are."""
    with pytest.raises(BadResponse):
        page_rows({"Items": [], "TotalRecordCount": True})
    assert page_rows({"Items": [1]}) == ([1], 0)
    with pytest.raises(BadResponse):
        json_list({})
    with pytest.raises(BadResponse):
        json_object([])


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-09-09T01:37:17.0000000Z", 0),
        ("2026-09-09T01:37:17.8123456Z", 812),
        ("2026-09-09T01:37:17.8129999Z", 812),
        ("2026-09-09T01:37:17.812Z", 812),
        ("2026-09-09T01:37:17Z", 0),
        ("2026-09-09T01:37:17", 0),
        ("2026-09-09T01:37:17.5000000+00:00", 500),
        ("2026-09-09T03:37:17.25+02:00", 250),
    ],
)
def test_dates(text: str, milliseconds: int) -> None:
    """All spellings of both servers, to the millisecond."""
    assert parse_date(text) == epoch_ms("2026-09-09T01:37:17") + milliseconds


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.0000000Z", "0001-01-01T00:00:00"])
def test_never_is_no_date(text: str) -> None:
    """Year 1 stands for never."""
    assert parse_date(text) is None


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_dates_come_back(moment: int) -> None:
    """What is sent is what is read."""
    assert parse_date(iso_date(moment)) == moment
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso_date(moment))


def test_sessions() -> None:
    """Who plays what, on both servers; idle devices play nothing."""
    jellyfin, emby = (sample(server, "sessions_playing_paused_idle") for server in ("jellyfin", "emby"))
    ben = {"5143947118406b0ae9e792b991045457": Activity.PAUSED}
    playing = jellyfin[0]["NowPlayingItem"]["Id"]

    assert active_items(emby, "d9e4e93d57f32ccc27abc3360865ae20", EMBY.item_id) == {"105": Activity.PLAYING}
    assert active_items(emby, "8e5ed6c7f559a8ab4c50ed785c40c2eb", EMBY.item_id) == {"122": Activity.PAUSED}
    assert active_items(jellyfin, jellyfin[0]["UserId"], JELLYFIN.item_id) == {playing: Activity.PLAYING}
    assert active_items(jellyfin, next(iter(ben)), JELLYFIN.item_id) == {
        "75a2b46a8d3d1c22aa49c65406b59d40": Activity.PAUSED
    }
    assert active_items(jellyfin, "nobody", JELLYFIN.item_id) == {}


def test_versions_guests_and_broken_sessions() -> None:
    """The version counts beside the item, guests count as the user, playing wins over paused, dirt is skipped."""
    film, cut, other = "a" * 32, "b" * 32, "c" * 32
    sessions: list[object] = [
        {"UserId": "me", "NowPlayingItem": {"Id": film}, "PlayState": {"MediaSourceId": cut, "IsPaused": True}},
        {"UserId": "you", "AdditionalUsers": [{"UserId": "me"}, 7], "NowPlayingItem": {"Id": film}, "PlayState": {}},
        {"UserId": "you", "AdditionalUsers": None, "NowPlayingItem": {"Id": other}, "PlayState": {}},
        {"UserId": "me", "NowPlayingItem": {"Id": "live-tv"}, "PlayState": None},
        {"UserId": "me", "NowPlayingItem": {"Id": film}, "PlayState": {"IsPaused": True, "MediaSourceId": 5}},
        {"UserId": "me", "NowPlayingItem": "x"},
        {"UserId": "me"},
        "x",
    ]

    assert active_items(sessions, "me", JELLYFIN.item_id) == {film: Activity.PLAYING, cut: Activity.PAUSED}
    with pytest.raises(BadResponse):
        active_items({}, "me", JELLYFIN.item_id)
