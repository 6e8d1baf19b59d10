"""Reading what Jellyfin and Emby send: every field of the samples, ids, dates and sessions."""

from datetime import date
import re

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN, Dialect
from custom_components.resume_sync.servers.mediabrowser.rows import (
    iso_date,
    item_rows,
    open_sessions,
    page_rows,
    parse_date,
    state_rows,
    with_show_ids,
    without_ids,
)
from custom_components.resume_sync.sync.matching import match
from custom_components.resume_sync.sync.media_server import BadResponse
from custom_components.resume_sync.sync.model import Activity, Item, MediaKind, SessionRead
from tests.servers.mediabrowser.rows import BOTH, epoch_ms, film_row

from .samples import sample

NOW = epoch_ms("2026-11-30T00:00:00")


@BOTH
def test_a_listing_has_all_that_a_state_needs(
    server: str, dialect: Dialect, film: str, episode: str, show: str
) -> None:
    """Position, duration, date, marks and ids come out of one row."""
    rows, total = page_rows(sample(server, "resumable_page"))
    parsed = state_rows(rows, dialect.item_id, NOW)

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
    batch = state_rows(page_rows(sample(server, "items_by_ids"))[0], dialect.item_id, NOW)
    detail = state_rows([sample(server, "item_detail")], dialect.item_id, NOW)

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
    parsed = state_rows(rows, EMBY.item_id, NOW)

    assert {(row.state.play_count, row.state.last_played_server_ms) for row in parsed.rows.values()} == {(0, None)}
    assert {"UserDataLastPlayedDate", "UserDataPlayCount", "ProviderIds"} <= set(EMBY.fields.split(","))


def test_ids_come_with_dirt() -> None:
    """Keys in any case, empty values, blanks, a number where IMDb belongs, collections and numbers."""
    dirty = {"IMDB": "1234567", "tmdb": " 0042 ", "Tvdb": "", "TmdbCollection": "9", "TvMaze": 5, "": "x"}
    (row,) = state_rows([film_row(ProviderIds=dirty, Rating=7)], EMBY.item_id, NOW).rows.values()

    assert row.state.item.ids == {"movie:tmdb:42"}
    assert row.state.rating == 7.0


def test_the_number_of_tmdb_in_the_field_of_imdb_is_no_id_of_imdb() -> None:
    """It would contradict the film's real id of IMDb, and cancel what TMDB agrees on."""
    confused = film_row(ProviderIds={"Imdb": "150540", "Tmdb": "150540"})
    (row,) = state_rows([confused], EMBY.item_id, NOW).rows.values()
    elsewhere = Item("r", MediaKind.MOVIE, "Inside", frozenset({"movie:imdb:tt2096673", "movie:tmdb:150540"}))

    (found,) = match([row.state.item], [elsewhere]).matches
    assert (found.left, found.right) == (("5",), ("r",))


def test_a_show_id_in_an_episodes_place_is_dropped() -> None:
    """An episode that carries its show's id would be the same title as every other one of that show."""
    show_ids = frozenset({"show:tvdb:81189", "show:imdb:tt0903747"})
    episode = Item("5", MediaKind.EPISODE, "", frozenset({"episode:tvdb:81189", "episode:imdb:tt0959102"}))

    completed = with_show_ids(episode, show_ids)

    assert completed.ids == {"episode:imdb:tt0959102"}
    assert completed.show_ids == show_ids


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


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_dates_come_back(moment: int) -> None:
    """A date that was written is read back as the same."""
    assert parse_date(iso_date(moment)) == moment
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso_date(moment))


def active_items(body: object, user_id: str, item_id: re.Pattern[str]) -> dict[str, Activity]:
    """Return what a user plays or has paused."""
    return SessionRead(open_sessions(body, user_id, item_id, NOW, 0), NOW).active


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


def test_films_of_a_folder_without_ids() -> None:
    """Home videos: three or more in a folder in which nothing has ids. Fewer films prove nothing."""
    ids = {"Tmdb": "42"}
    rows = [film_row(Id=f"1{number}", ParentId="1") for number in range(3)]
    rows += [film_row(Id="20", ParentId="2", ProviderIds=ids)]
    rows += [film_row(Id=f"2{number}", ParentId="2") for number in range(1, 4)]
    rows += [film_row(Id=f"3{number}", ParentId="3") for number in range(2)]
    rows += [film_row(Id=f"4{number}") for number in range(3)]
    assert without_ids(state_rows(rows, EMBY.item_id, NOW).rows) == {"10", "11", "12"}


@pytest.mark.parametrize(
    ("told", "aired"),
    [
        ("2014-03-01T00:00:00.0000000Z", date(2014, 3, 1).toordinal()),
        ("1951-10-15", date(1951, 10, 15).toordinal()),
        ("0001-01-01T00:00:00.0000000Z", None),
        ("9999-12-31", None),
        ("soon", None),
        (20140301, None),
        (None, None),
    ],
)
def test_the_day_an_episode_aired(told: object, aired: int | None) -> None:
    """Long before this century, or not at all: the year 1 stands for "never"."""
    row = {"Id": "5", "Type": "Episode", "Name": "Tide", "ParentIndexNumber": 1, "IndexNumber": 2, "PremiereDate": told}
    (found,) = item_rows([row], EMBY.item_id)
    assert found.item.aired == aired
    assert [one.item.aired for one in item_rows([{**row, "Type": "Movie"}], EMBY.item_id)] == [None]
