"""Short ways to make what tests of the sync core are about: items, states, reads, edits, copies, shelves, plans."""

from collections.abc import Iterable

from custom_components.resume_sync.sync.journal.edit import Cause, Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.journal.trail import Lost
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import (
    Activity,
    DateMeaning,
    Item,
    ItemState,
    MediaKind,
    PairRules,
    Reason,
    ServerType,
    Snapshot,
    StateRead,
    Unreadable,
)
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Decision
from custom_components.resume_sync.sync.plan.planner import plan
from custom_components.resume_sync.sync.plan.scene import Copy, Shelf
from tests.households.traits import TRAITS

from .world import DURATION, MINUTE, NOON, film

START = DateMeaning.PLAY_START
WRITE = DateMeaning.LAST_WRITE
JELLYFIN = TRAITS[ServerType.JELLYFIN]
PLEX = TRAITS[ServerType.PLEX]


def minutes(number: float) -> int:
    """Return minutes in milliseconds."""
    return round(number * MINUTE)


def at(number: float) -> int:
    """Return the time so many minutes after noon."""
    return NOON + minutes(number)


def movie(item_id: str, *ids: str, duration_ms: int | None = DURATION) -> Item:
    """Return a film with ids such as `imdb:tt0000001`."""
    return Item(item_id, MediaKind.MOVIE, "A film", frozenset(f"movie:{one}" for one in ids), duration_ms=duration_ms)


def episode(item_id: str, *ids: str, show: Iterable[str] = (), season: int | None = 1, number: int | None = 1) -> Item:
    """Return an episode with ids such as `tvdb:11` and show ids such as `tvdb:1`."""
    return Item(
        item_id,
        MediaKind.EPISODE,
        "An episode",
        frozenset(f"episode:{one}" for one in ids),
        duration_ms=DURATION,
        show_ids=frozenset(f"show:{one}" for one in show),
        season=season,
        episode=number,
    )


def state(
    position: float,
    *,
    date: float | None = None,
    item: Item | None = None,
    watched: bool = False,
    plays: int = 0,
) -> ItemState:
    """Return an item's state: position in minutes, date in minutes after noon."""
    return ItemState(
        item or film(1),
        minutes(position),
        watched=watched,
        play_count=plays,
        last_played_server_ms=None if date is None else at(date),
    )


def snapshot(
    read_at: float, *states: ItemState, skew_ms: int = 0, unknown: Iterable[str] = (), nameless_rows: int = 0
) -> Snapshot:
    """Return a complete read of one account, so many minutes after noon."""
    items = {one.item_id: one for one in states}
    return Snapshot(items, at(read_at), skew_ms, dict.fromkeys(unknown, Unreadable("position")), nameless_rows)


def state_read(
    read_at: float, *states: ItemState, absent: Iterable[str] = (), unknown: Iterable[str] = ()
) -> StateRead:
    """Return a batch read of single items."""
    items = {one.item_id: one for one in states}
    return StateRead(items, frozenset(absent), at(read_at), unknown=dict.fromkeys(unknown, Unreadable("position")))


def observe(
    journal: Journal,
    seen: Snapshot,
    read: StateRead | None = None,
    *,
    meaning: DateMeaning = START,
    active: Iterable[str] = (),
) -> None:
    """Let a journal take in a snapshot as soon as it was read."""
    now = max(seen.read_at, read.read_at if read else 0)
    journal.observe(seen, read, set(active), JELLYFIN if meaning is START else PLEX, now)


def point(number: float, cause: Cause = Cause.MOVED) -> Edit:
    """Return an edit made so many minutes after noon."""
    return Edit(at(number), at(number), cause)


def between(earliest: float, latest: float, cause: Cause = Cause.MOVED) -> Edit:
    """Return an edit made within an interval of minutes after noon."""
    return Edit(at(earliest), at(latest), cause)


def copy(
    position: float,
    edit: Edit | None = None,
    *,
    item: Item | None = None,
    watched: bool = False,
    activity: Activity | None = None,
    undone_at: int | None = None,
    fresh: bool = True,
    unread: Reason | None = None,
    shown: float | None = None,
    lost: Lost | None = None,
) -> Copy:
    """Return a copy of film 1, its position in minutes, and `shown` what its server shows where that differs."""
    return Copy(
        item or film(1),
        minutes(position),
        edit,
        watched,
        activity,
        undone_at=undone_at,
        fresh=fresh,
        unread=unread,
        shown_ms=None if shown is None else minutes(shown),
        lost=lost,
    )


def shelf(*copies: Copy, kind: ServerType = ServerType.JELLYFIN, since: int = 0, revision: str | None = None) -> Shelf:
    """Return one account's shelf."""
    return Shelf(TRAITS[kind], {one.item.item_id: one for one in copies}, since, revision)


def decide(
    left: Copy | Shelf | None,
    right: Copy | Shelf | None,
    rules: PairRules | None = None,
    ledger: Ledger | None = None,
    *,
    now: float = 600,
    approval: Approval = Approval.NOTHING,
) -> list[Decision]:
    """Plan two shelves, or two copies of one film."""
    shelves = [one if isinstance(one, Shelf) else shelf(one) if one else shelf() for one in (left, right)]
    return plan(shelves[0], shelves[1], rules or PairRules(), ledger or Ledger(), at(now), approval=approval)
