"""The JSON of Jellyfin and Emby, read strictly: rows of items with a user's data, sessions, dates, ids.

A page of the wrong shape raises `BadResponse`. A row that cannot be understood is returned with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import re

from ...sync.identity import own_ids, typed_id
from ...sync.media_server import BadResponse
from ...sync.model import Activity, Item, ItemState, MediaKind
from ..plain_text import plain_text
from ..plausible import MOST_NUMBER, MOST_PLAYS, plausible_date, plausible_duration, plausible_position

TICKS_PER_MS = 10_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_TICKS = 2**63 - 1
_KINDS = {"Movie": MediaKind.MOVIE, "Episode": MediaKind.EPISODE, "Series": MediaKind.SHOW}

type Row = Mapping[str, object]


class _NotUnderstoodError(Exception):
    """A row cannot be understood; the message is the reason."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of a row. `show_item_id` is an episode's show, whose external ids the row lacks; `virtual`: no file."""

    item: Item
    show_item_id: str | None = None
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class StateRow:
    """An item with the user's data; `state.item` has no `show_ids` yet, see `UserLibrary.states`."""

    state: ItemState
    show_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class StateRows:
    """The rows of a listing: states by item id, reasons of unreadable rows by item id, and how many rows have no id."""

    rows: Mapping[str, StateRow]
    unknown: Mapping[str, str] = field(default_factory=dict)
    nameless: int = 0


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


def state_rows(rows: Iterable[object], item_id: re.Pattern[str]) -> StateRows:
    """Read films and episodes with the user's data; an item whose rows contradict each other is unreadable."""
    found: dict[str, StateRow] = {}
    unknown: dict[str, str] = {}
    nameless = 0
    for row in rows:
        key = row_id(row, item_id)
        if key is None:
            nameless += 1
        elif key not in unknown:
            try:
                state = _state_row(json_object(row), item_id)
                if found.setdefault(key, state) != state:
                    raise _NotUnderstoodError("two rows that differ")  # noqa: TRY301
            except _NotUnderstoodError as err:
                found.pop(key, None)
                unknown[key] = str(err)
    return StateRows(found, unknown, nameless)


def item_rows(rows: Iterable[object], item_id: re.Pattern[str]) -> Iterator[ItemRow]:
    """Yield films, shows and episodes without the user's data; unreadable rows are left out."""
    for row in rows:
        if row_id(row, item_id) is not None:
            try:
                yield _item_row(json_object(row), item_id)
            except _NotUnderstoodError:
                continue


def with_show_ids(item: Item, show_ids: frozenset[str]) -> Item:
    """Return an episode with the ids of its show.

    An own id that is also the show's (some files carry the show's id in the episode's place) is dropped: it would make
    all episodes of the show one title.
    """
    episode = replace(item, show_ids=show_ids)
    return replace(episode, ids=own_ids(episode))


def active_items(body: object, user_id: str, item_id: re.Pattern[str]) -> Mapping[str, Activity]:
    """Return the items that a user plays or has paused, by item id, from the answer of `/Sessions`.

    A guest of a session counts as playing. The version that plays is returned beside its item: on Jellyfin 12 the
    version holds the position. Raises BadResponse where the body is not a list.
    """
    active: dict[str, Activity] = {}
    for session in json_list(body):
        if not isinstance(session, dict) or not takes_part(session, user_id):
            continue
        playing, play_state = session.get("NowPlayingItem"), session.get("PlayState")
        play_state = play_state if isinstance(play_state, dict) else {}
        if not isinstance(playing, dict):
            continue
        version = play_state.get("MediaSourceId")
        version = version.removeprefix("mediasource_") if isinstance(version, str) else ""
        activity = Activity.PAUSED if play_state.get("IsPaused") is True else Activity.PLAYING
        for key in (playing.get("Id"), version):
            if isinstance(key, str) and item_id.fullmatch(key) and active.get(key) is not Activity.PLAYING:
                active[key] = activity
    return active


def takes_part(session: Row, user_id: str) -> bool:
    """Tell whether a session is a user's, or has the user as a guest."""
    guests = session.get("AdditionalUsers")
    people = [session, *(guests if isinstance(guests, list) else [])]
    return any(isinstance(person, dict) and person.get("UserId") == user_id for person in people)


def parse_date(text: str) -> int | None:
    """Return a date in epoch milliseconds; None for "never", which the servers write as the year 1.

    Both write up to seven decimals of a second; a date without a zone is UTC. Raises ValueError for an invalid date.
    """
    moment = datetime.fromisoformat(text)
    if moment.year <= 1:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def iso_date(epoch_ms: int) -> str:
    """Return a date, given in epoch milliseconds, as both servers take it: `2026-11-18T19:04:31.482Z`."""
    moment = _EPOCH + timedelta(milliseconds=epoch_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _item_row(row: Row, item_id: re.Pattern[str]) -> ItemRow:
    """Read the item of a row."""
    kind = _KINDS.get(_text(row, "Type"))
    if kind is None:
        raise _NotUnderstoodError("type")
    episode = kind is MediaKind.EPISODE
    ticks = _number(row, "RunTimeTicks", _MOST_TICKS) or 0
    show_item_id = _text(row, "SeriesId") if episode else ""
    item = Item(
        item_id=_text(row, "Id"),
        kind=kind,
        title=_text(row, "Name"),
        ids=_external_ids(kind, row.get("ProviderIds")),
        year=_number(row, "ProductionYear"),
        duration_ms=plausible_duration(ticks // TICKS_PER_MS),
        show_title=(_text(row, "SeriesName") or None) if episode else None,
        season=_number(row, "ParentIndexNumber") if episode else None,
        episode=_number(row, "IndexNumber") if episode else None,
    )
    return ItemRow(
        item=item,
        show_item_id=show_item_id if item_id.fullmatch(show_item_id) else None,
        virtual=row.get("LocationType") == "Virtual",
    )


def _state_row(row: Row, item_id: re.Pattern[str]) -> StateRow:
    """Read a film or an episode with the user's data."""
    parsed = _item_row(row, item_id)
    if parsed.item.kind is MediaKind.SHOW:
        raise _NotUnderstoodError("type")
    data = row.get("UserData")
    if not isinstance(data, dict):
        raise _NotUnderstoodError("no user data")
    ticks = _number(data, "PlaybackPositionTicks", _MOST_TICKS)
    if ticks is None:
        raise _NotUnderstoodError("position")
    if not plausible_position(ticks // TICKS_PER_MS, parsed.item.duration_ms):
        raise _NotUnderstoodError("position beyond the end")
    count = 0 if data.get("PlayCount") is None else _number(data, "PlayCount", MOST_PLAYS)
    if count is None:
        raise _NotUnderstoodError("play count")
    state = ItemState(
        item=parsed.item,
        position_ms=ticks // TICKS_PER_MS,
        watched=_flag(data, "Played"),
        play_count=count,
        last_played_server_ms=_last_played(data),
        favorite=_flag(data, "IsFavorite"),
        rating=_rating(data.get("Rating")),
    )
    return StateRow(state, parsed.show_item_id)


def _last_played(data: Row) -> int | None:
    """Return the date in a user's data, None where there is none."""
    value = data.get("LastPlayedDate")
    if value is None:
        return None
    try:
        moment = parse_date(value if isinstance(value, str) else "")
    except ValueError:
        raise _NotUnderstoodError("last played date") from None
    if moment is not None and not plausible_date(moment):
        raise _NotUnderstoodError("last played date")
    return moment


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
    """Return a truth value; it is always sent, and writing back a wrong one would change it."""
    value = data.get(key)
    if not isinstance(value, bool):
        raise _NotUnderstoodError(key)
    return value


def _text(row: Row, key: str) -> str:
    """Return a text fit to be shown and stored, empty where there is none."""
    value = row.get(key)
    return plain_text(value) if isinstance(value, str) else ""


def _number(row: Row, key: str, most: int = MOST_NUMBER) -> int | None:
    """Return a whole number from 0 to `most`, None where there is none."""
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None
