"""Values that nobody can have meant count as not told, on every server; a row needs a position."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product
import json
from xml.sax.saxutils import quoteattr

from hypothesis import given, strategies as st
from plexapi.utils import parseXMLString
import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.mediabrowser.rows import TICKS_PER_MS, state_rows
from custom_components.resume_sync.servers.plausible import LONGEST_MS, MOST_PLAYS, whole
from custom_components.resume_sync.servers.plex.rows import read_rows
from custom_components.resume_sync.sync.model import ItemState, Unreadable

NOW = 1_790_000_000_000
DAY = 86_400_000
HOUR = 3_600_000
_KEYS = {"position": "PlaybackPositionTicks", "count": "PlayCount", "date": "LastPlayedDate"}
_ATTRIBUTES = {"position": "viewOffset", "count": "viewCount", "date": "lastViewedAt", "length": "duration"}


class Server(StrEnum):
    """The readers of rows."""

    PLEX = "plex"
    JELLYFIN = "jellyfin"
    EMBY = "emby"


def read(server: Server, values: Mapping[str, object]) -> ItemState | Unreadable:
    """Return what a server's row of a film is read as; `values` are those of its protocol, None leaves one out."""
    told = {
        name: value for name, value in ({"position": _position(server, 2000), **values}).items() if value is not None
    }
    if server is Server.PLEX:
        attributes = " ".join(f"{_ATTRIBUTES[name]}={quoteattr(str(value))}" for name, value in told.items())
        rows = read_rows([parseXMLString(f'<Video ratingKey="7" type="movie" title="Harbour" {attributes}/>')], NOW)
        return rows.unknown["7"] if rows.unknown else rows.read["7"].state
    item_id, dialect = ("7", EMBY) if server is Server.EMBY else ("a" * 32, JELLYFIN)
    row = {"Id": item_id, "Type": "Movie", "Name": "Harbour", "RunTimeTicks": told.pop("length", None)}
    row["UserData"] = {_KEYS[name]: value for name, value in told.items()}
    parsed = state_rows([json.loads(json.dumps(row))], dialect.item_id, NOW)
    return parsed.unknown[item_id] if parsed.unknown else parsed.rows[item_id].state


def _position(server: Server, seconds: float) -> object:
    """Return a position as a server tells it."""
    return int(seconds * 1000) * (1 if server is Server.PLEX else TICKS_PER_MS)


def _date(server: Server, moment: datetime) -> object:
    """Return a date as a server tells it."""
    if server is Server.PLEX:
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return moment.isoformat().replace("+00:00", "Z")


def title_of(server: Server, values: Mapping[str, object]) -> ItemState:
    """Return the state of a row that can be read, at its position."""
    state = read(server, values)
    assert isinstance(state, ItemState)
    assert (state.item.title, state.position_ms) == ("Harbour", 2_000_000)
    return state


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1601, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 30, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime.fromtimestamp((NOW + DAY) / 1000 + 1, UTC),
        datetime(2106, 2, 7, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_a_date_that_nobody_can_have_meant_is_none(server: Server, moment: datetime) -> None:
    """Before 2000, or more than a day ahead of the server's own clock."""
    assert title_of(server, {"date": _date(server, moment)}).last_played_server_ms is None


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize(
    "moment",
    [datetime(2000, 1, 1, tzinfo=UTC), datetime.fromtimestamp((NOW + DAY) / 1000, UTC)],
    ids=["2000", "a day ahead"],
)
def test_a_date_that_may_be_true_is_one(server: Server, moment: datetime) -> None:
    """The first and the last that is believed."""
    told = title_of(server, {"date": _date(server, moment)}).last_played_server_ms
    assert told == round(moment.timestamp() * 1000)


NO_DATES: Sequence[tuple[Server, object]] = [
    (Server.PLEX, "910692730085"),
    (Server.PLEX, "-62135596800"),
    (Server.PLEX, "yesterday"),
    (Server.PLEX, ""),
    (Server.PLEX, "9" * 5000),
    *product(
        (Server.JELLYFIN, Server.EMBY),
        ("yesterday", "", 1_700_000_000, "1700000000", True, [], "30828-09-14T02:48:05Z", "2026-02-30"),
    ),
]


@pytest.mark.parametrize(("server", "date"), NO_DATES)
def test_what_is_no_date_is_none(server: Server, date: object) -> None:
    """The year 30828, other spellings, other types: the title is synced without a date."""
    assert title_of(server, {"date": date}).last_played_server_ms is None


def test_plex_tells_a_second_date() -> None:
    """Where the first one is none, the other one counts."""
    row = '<Video ratingKey="7" type="movie" viewOffset="5" lastViewedAt="{}" viewedAt="1700000000"/>'
    for first, told in (
        ("910692730085", 1_700_000_000_000),
        ("0", 1_700_000_000_000),
        ("1600000000", 1_600_000_000_000),
    ):
        rows = read_rows([parseXMLString(row.format(first))], NOW)
        assert rows.read["7"].state.last_played_server_ms == told


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("count", [-1, 2**31, 2**32 - 1, 2**64, "many", "", "-1", None])
def test_a_count_that_cannot_be_true_is_none(server: Server, count: object) -> None:
    """Negative, absurd, no number, missing."""
    assert title_of(server, {"count": count}).play_count == 0


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize(("count", "told"), [(3, 3), ("3", 3), (3.7, 3), ("3.7", 3), (MOST_PLAYS, MOST_PLAYS)])
def test_a_count_in_any_spelling(server: Server, count: object, told: int) -> None:
    """Spelled as a text, with decimals, as large as may be."""
    assert title_of(server, {"count": count}).play_count == told


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("length", [0, -1, -6_000_000, 101 * HOUR * TICKS_PER_MS, "x", "", None])
def test_a_length_that_cannot_be_true_is_none(server: Server, length: object) -> None:
    """Nothing, less than nothing, more than a hundred hours."""
    assert title_of(server, {"length": length}).item.duration_ms is None


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("spell", [int, str, float, lambda number: f"{number}.9", lambda number: number + 0.9])
def test_a_position_and_a_length_in_any_spelling(server: Server, spell: type) -> None:
    """Decimals where whole numbers belong are cut; a number that is spelled as a text is one."""
    length = 6_000_000 * (1 if server is Server.PLEX else TICKS_PER_MS)
    state = title_of(server, {"position": spell(_position(server, 2000)), "length": spell(length)})
    assert state.item.duration_ms == 6_000_000


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("position", [-1, "-900000", "soon", "", "1e9", True, 2**64, 10**30, "9" * 5000, "\u0665"])
def test_a_row_without_a_position_is_unreadable(server: Server, position: object) -> None:
    """Its title is told all the same, so that somebody can see which one it is."""
    row = read(server, {"position": position})
    assert isinstance(row, Unreadable)
    assert row.item is not None
    assert row.item.title == "Harbour"


@pytest.mark.parametrize("server", list(Server))
def test_a_position_far_beyond_the_end_is_unreadable(server: Server) -> None:
    """More than twice the length, or more than a hundred hours where there is none; versions differ in length."""
    length = 1_000_000 * (1 if server is Server.PLEX else TICKS_PER_MS)
    assert isinstance(read(server, {"position": _position(server, 2000), "length": length}), ItemState)
    for values in (
        {"position": _position(server, 2000.001), "length": length},
        {"position": _position(server, LONGEST_MS / 1000 + 1)},
    ):
        row = read(server, values)
        assert isinstance(row, Unreadable)
        assert "beyond the end" in row.reason


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_any_value_is_a_number_in_range_or_none(value: object) -> None:
    """Whatever JSON or XML holds."""
    told = whole(value, 100)
    assert told is None or (type(told) is int and 0 <= told <= 100)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, 0),
        (100, 100),
        (101, None),
        (99.999, 99),
        (-0.5, None),
        (float("nan"), None),
        (float("inf"), None),
        ("007", 7),
        ("7.", 7),
        (".5", None),
        (" 7", None),
        ("7\n", None),
        ("+7", None),
        ("1_0", None),
        ("\uff17", None),
        (True, None),
        (None, None),
    ],
)
def test_numbers(value: object, told: int | None) -> None:
    """Plain digits with or without decimals, and nothing else."""
    assert whole(value, 100) == told
