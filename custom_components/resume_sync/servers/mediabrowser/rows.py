"""The JSON of Jellyfin and Emby, read strictly: rows of items with a user's data, sessions, dates, ids.

A page of the wrong shape raises `BadResponse`. A row that cannot be understood is returned with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import re

from ...sync.identity import own_ids, typed_id
from ...sync.media_server import BadResponse
from ...sync.model import Activity, Item, ItemState, MediaKind, OpenSession, Unreadable
from ..air_dates import air_day
from ..limits import rows_of_sessions
from ..plain_text import plain_text
from ..plausible import MOST_NUMBER, MOST_PLAYS, told_date, told_length, told_position, whole

TICKS_PER_MS = 10_000
PARTS_OF_SESSIONS = frozenset({"AdditionalUsers", "NowPlayingItem", "PlayState"})
LIMITS_OF_SESSIONS = rows_of_sessions(PARTS_OF_SESSIONS)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_TICKS = 2**63 - 1
_FILMS_OF_A_LIBRARY = 3
_KINDS = {"Movie": MediaKind.MOVIE, "Episode": MediaKind.EPISODE, "Series": MediaKind.SHOW}
_NO_TYPE = ""
_FILMS_AND_EPISODES = frozenset({"Movie", "Episode", _NO_TYPE})

type Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of a row. `show_item_id` is an episode's show, whose external ids the row lacks; `virtual`: no file."""

    item: Item
    show_item_id: str | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class StateRow:
    """An item with the user's data; `state.item` has no `show_ids` yet, see `UserLibrary.states`.

    `folder` is the id of the folder that holds a film: in most libraries there is one for all films.
    """

    state: ItemState
    show_item_id: str | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class StateRows:
    """The rows of a listing: states and unreadable rows by item id.

    `nameless` counts the rows without an id, `others` those of things that are neither film nor episode. `unasked` are
    items left for a later run, where they were asked for one by one.
    """

    rows: Mapping[str, StateRow]
    unknown: Mapping[str, Unreadable] = field(default_factory=dict)
    nameless: int = 0
    others: int = 0
    unasked: frozenset[str] = frozenset()


def page_rows(body: object) -> tuple[list[object], int]:
    """Return the rows of a page and the total that it claims, 0 where it claims none; raises BadResponse."""
    page = json_object(body)
    rows, total = page.get("Items"), page.get("TotalRecordCount", 0)
    if not isinstance(rows, list) or isinstance(total, bool) or not isinstance(total, int):
        raise BadResponse("A page of items has the wrong shape")
    return rows, total


def json_object(body: object) -> Row:
    """Return a body that has to be a JSON object; raises BadResponse."""
    if not isinstance(body, dict):
        raise BadResponse("The answer is no JSON object")
    return body


def json_list(body: object) -> list[object]:
    """Return a body that has to be a JSON list; raises BadResponse."""
    if not isinstance(body, list):
        raise BadResponse("The answer is no JSON list")
    return body


def row_id(row: object, item_id: re.Pattern[str]) -> str | None:
    """Return the id of a row; None where it is missing or does not match `item_id`."""
    value = row.get("Id") if isinstance(row, dict) else None
    return value if isinstance(value, str) and item_id.fullmatch(value) else None


def state_rows(rows: Iterable[object], item_id: re.Pattern[str], server_now: int) -> StateRows:
    """Read films and episodes with the user's data; an item whose rows contradict each other is unreadable.

    `server_now` is the present on the server's clock, in epoch milliseconds.
    """
    found: dict[str, StateRow] = {}
    unknown: dict[str, Unreadable] = {}
    nameless = others = 0
    for row in rows:
        key = row_id(row, item_id)
        if key is None:
            nameless += 1
        elif _text(json_object(row), "Type") not in _FILMS_AND_EPISODES:
            others += 1
        else:
            read = _state_row(json_object(row), item_id, server_now)
            if isinstance(read, Unreadable):
                unknown.setdefault(key, read)
            elif found.setdefault(key, read) != read:
                unknown[key] = Unreadable("two rows that differ", read.state.item)
    return StateRows({key: row for key, row in found.items() if key not in unknown}, unknown, nameless, others)


def unlisted(row: StateRow) -> StateRow:
    """Return a row of an item's own route as what it is: perhaps an old copy."""
    return replace(row, state=replace(row.state, listed=False))


def without_ids(rows: Mapping[str, StateRow]) -> frozenset[str]:
    """Return the films that lie in a folder in which nothing has external ids: home videos, recordings.

    Neither server tells which libraries look for ids. Fewer than three films prove nothing: nobody matched them yet.
    """
    folders: dict[str, list[StateRow]] = {}
    for row in rows.values():
        if row.folder is not None:
            folders.setdefault(row.folder, []).append(row)
    return frozenset(
        row.state.item_id
        for found in folders.values()
        if len(found) >= _FILMS_OF_A_LIBRARY and not any(row.state.item.ids for row in found)
        for row in found
    )


def item_rows(rows: Iterable[object], item_id: re.Pattern[str]) -> Iterator[ItemRow]:
    """Yield films, shows and episodes without the user's data; other rows are left out."""
    for row in rows:
        if row_id(row, item_id) is not None and _text(json_object(row), "Type") in _KINDS:
            yield _item_row(json_object(row), item_id)


def with_show_ids(item: Item, show_ids: frozenset[str]) -> Item:
    """Return an episode with the ids of its show.

    An own id that is also the show's (some files carry the show's id in the episode's place) is dropped: it would make
    all episodes of the show one title.
    """
    episode = replace(item, show_ids=show_ids)
    return replace(episode, ids=own_ids(episode))


def open_sessions(
    body: object, user_id: str, item_id: re.Pattern[str], now: int, skew_ms: int
) -> tuple[OpenSession, ...]:
    """Read a list of sessions: those of a user, and those that the user watches as a guest.

    `now` is the present on this machine's clock, `skew_ms` the server's clock minus this machine's. Music and live
    television are not played here: such a session plays nothing. Raises BadResponse where the body is not a list.
    """
    return tuple(
        _open_session(row, item_id, now, skew_ms)
        for row in json_list(body)
        if isinstance(row, dict) and takes_part(row, user_id)
    )


def _open_session(row: Row, item_id: re.Pattern[str], now: int, skew_ms: int) -> OpenSession:
    """Read one session. The version that plays counts beside its item: on Jellyfin 12 it holds the position."""
    playing, state = row.get("NowPlayingItem"), row.get("PlayState")
    state = state if isinstance(state, dict) else {}
    # Only Jellyfin tells it, on its own clock, and keeps it when the play has ended.
    checked_in = told_date(parse_date(row.get("LastPlaybackCheckIn")), now + skew_ms)
    reported_at = None if checked_in is None else min(checked_in - skew_ms, now)
    session = OpenSession(_text(row, "Id"), reported_at=reported_at)
    if not isinstance(playing, dict):
        return session
    version = _text(state, "MediaSourceId").removeprefix("mediasource_")
    item_ids = [key for key in (playing.get("Id"), version) if isinstance(key, str) and item_id.fullmatch(key)]
    # What it plays is none of ours, and so is that last report.
    if not item_ids or _text(playing, "Type") not in _FILMS_AND_EPISODES:
        return replace(session, reported_at=None)
    paused = state.get("IsPaused") is True
    position = position_of(state.get("PositionTicks"))
    # 20:00:10 the player reports 10 min · 20:04:10 the server has counted on to 14 min, in whole seconds.
    counted_ms = 0 if paused or reported_at is None else (now - reported_at) // 1000 * 1000
    return replace(
        session,
        item_ids=tuple(dict.fromkeys(item_ids)),
        activity=Activity.PAUSED if paused else Activity.PLAYING,
        position_ms=position,
        reported_ms=None if position is None else max(position - counted_ms, 0),
    )


def takes_part(session: Row, user_id: str) -> bool:
    """Tell whether a session is a user's, or has the user as a guest."""
    guests = session.get("AdditionalUsers")
    people = [session, *(guests if isinstance(guests, list) else [])]
    return any(isinstance(person, dict) and person.get("UserId") == user_id for person in people)


def parse_date(value: object) -> int | None:
    """Return a date in epoch milliseconds; None where a value is no date. Both servers write UTC, zone or not."""
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def iso_date(epoch_ms: int) -> str:
    """Return a date, given in epoch milliseconds, as both servers take it: `2026-11-18T19:04:31.482Z`."""
    moment = _EPOCH + timedelta(milliseconds=epoch_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _item_row(row: Row, item_id: re.Pattern[str]) -> ItemRow:
    """Read the item of a row. One without a type is taken for an episode where it names a show, else for a film."""
    show_item_id = _text(row, "SeriesId")
    kind = _KINDS.get(_text(row, "Type"), MediaKind.EPISODE if show_item_id else MediaKind.MOVIE)
    episode = kind is MediaKind.EPISODE
    item = Item(
        item_id=_text(row, "Id"),
        kind=kind,
        title=_text(row, "Name"),
        ids=_external_ids(kind, row.get("ProviderIds")),
        year=_number(row, "ProductionYear"),
        duration_ms=told_length(_milliseconds(row.get("RunTimeTicks"))),
        show_title=(_text(row, "SeriesName") or None) if episode else None,
        season=_number(row, "ParentIndexNumber") if episode else None,
        episode=_number(row, "IndexNumber") if episode else None,
        aired=air_day(row.get("PremiereDate")) if episode else None,
    )
    return ItemRow(
        item=item,
        show_item_id=show_item_id if episode and item_id.fullmatch(show_item_id) else None,
        virtual=row.get("LocationType") == "Virtual",
    )


def _state_row(row: Row, item_id: re.Pattern[str], server_now: int) -> StateRow | Unreadable:
    """Read a film or an episode with the user's data: it needs a type and a position, all else may be missing."""
    parsed = _item_row(row, item_id)
    data = row.get("UserData")
    if _text(row, "Type") == _NO_TYPE:
        return Unreadable("type", parsed.item)
    if not isinstance(data, dict):
        return Unreadable("no user data", parsed.item)
    position = _milliseconds(data.get("PlaybackPositionTicks"))
    if position is None:
        return Unreadable("position", parsed.item)
    if told_position(position, parsed.item.duration_ms) is None:
        return Unreadable("position beyond the end", parsed.item)
    date = told_date(parse_date(data.get("LastPlayedDate")), server_now)
    state = ItemState(
        item=parsed.item,
        position_ms=position,
        watched=_flag(data, "Played"),
        play_count=whole(data.get("PlayCount"), MOST_PLAYS) or 0,
        last_played_server_ms=date,
        favorite=_flag(data, "IsFavorite"),
        rating=_rating(data.get("Rating")),
        date_unreadable=date is None and data.get("LastPlayedDate") is not None,
        hidden=_flag(data, "HideFromResume"),
    )
    folder = _text(row, "ParentId") if parsed.item.kind is MediaKind.MOVIE else ""
    return StateRow(state, parsed.show_item_id, folder or None)


def position_of(ticks: object) -> int | None:
    """Return a position in milliseconds from one in ticks; None where there is none that can be believed."""
    return told_position(_milliseconds(ticks))


def _milliseconds(ticks: object) -> int | None:
    """Return milliseconds from ticks; None where there is no number."""
    number = whole(ticks, _MOST_TICKS)
    return None if number is None else number // TICKS_PER_MS


def _rating(value: object) -> float | None:
    """Return a user's rating, None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST_NUMBER:
        return None
    return float(value)


def _external_ids(kind: MediaKind, provider_ids: object) -> frozenset[str]:
    """Return the typed ids that can be matched; keys and values come in any case and with dirt."""
    if not isinstance(provider_ids, dict):
        return frozenset()
    found = (typed_id(kind, key, value) for key, value in provider_ids.items() if isinstance(value, str))
    return frozenset(typed for typed in found if typed is not None)


def _flag(data: Row, key: str) -> bool:
    """Return a truth value, False where none is told."""
    value = data.get(key)
    return value is True or (isinstance(value, str) and value.casefold() == "true")


def _text(row: Row, key: str) -> str:
    """Return a text fit to be shown and stored, empty where there is none."""
    value = row.get(key)
    return plain_text(value) if isinstance(value, str) else ""


def _number(row: Row, key: str) -> int | None:
    """Return a whole number that an item can do without; None where none is told."""
    return whole(row.get(key), MOST_NUMBER)
