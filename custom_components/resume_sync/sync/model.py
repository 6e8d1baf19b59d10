"""The vocabulary of a sync.

Times are integers: milliseconds since the epoch on this machine's clock, unless a name says `server`. Positions and
durations are milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ServerType(StrEnum):
    """The media servers that an account can live on."""

    PLEX = "plex"
    JELLYFIN = "jellyfin"
    EMBY = "emby"


class MediaKind(StrEnum):
    """The kinds of thing that an external id can name."""

    MOVIE = "movie"
    EPISODE = "episode"
    SHOW = "show"


class DateMeaning(StrEnum):
    """The moment that a server's "last played" date stands for.

    `LAST_WRITE`: the latest write of any kind, ours included (Plex). `PLAY_START`: the start of the latest play,
    however long it went on (Jellyfin, Emby).
    """

    LAST_WRITE = "last_write"
    PLAY_START = "play_start"


class Activity(StrEnum):
    """An open session of a viewer with an item: it plays, or it is paused."""

    PLAYING = "playing"
    PAUSED = "paused"


class Direction(StrEnum):
    """Which way positions travel between an account and its peer."""

    TO_PEER = "to_peer"
    FROM_PEER = "from_peer"
    TWO_WAY = "two_way"


class RemoveMode(StrEnum):
    """How a pair treats titles that left "Continue watching" on one side.

    `OFF`: they stay on the other side. `SOURCE`: a title that a viewer finished or cleared is cleared on the other side
    too. `MIRROR` (one-way pairs only): every title that the source holds at 0 is cleared on the target, even against a
    later edit there.
    """

    OFF = "off"
    SOURCE = "source"
    MIRROR = "mirror"


class Side(StrEnum):
    """The two accounts of a pair: `LEFT` holds the pair, `RIGHT` is its peer."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Action(StrEnum):
    """The step that a run takes for one title.

    `WRITE` stores the source's position on the target, `CLEAR` takes the target out of progress, `WAIT` leaves the
    title to a later run, `NONE` leaves it alone, `UNRESOLVED` means that the other side has no item for it.
    """

    WRITE = "write"
    CLEAR = "clear"
    WAIT = "wait"
    NONE = "none"
    UNRESOLVED = "unresolved"


class Reason(StrEnum):
    """The reason for a decision. The values are stable: users see them, and automations use them."""

    NEWER_POSITION = "newer_position"
    ONLY_ON_SOURCE = "only_on_source"
    HIGHER_POSITION = "higher_position"
    MIRRORED = "mirrored"
    PUT_BACK = "put_back"
    CLEARED_ON_SOURCE = "cleared_on_source"
    FINISHED_ON_SOURCE = "finished_on_source"
    HIDDEN_ON_SOURCE = "hidden_on_source"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    PLAYING_ON_TARGET = "playing_on_target"
    PLAYING_ON_SOURCE = "playing_on_source"
    HELD_FOR_APPROVAL = "held_for_approval"
    NOT_VERIFIED = "not_verified"
    WRITE_FAILED = "write_failed"
    NOT_KEPT = "not_kept"
    STARTED_BEHIND = "started_behind"
    IN_SYNC = "in_sync"
    BELOW_MINIMUM = "below_minimum"
    BELOW_DELTA = "below_delta"
    NEAR_END = "near_end"
    DURATION_DIFFERS = "duration_differs"
    TARGET_NEWER = "target_newer"
    FINISHED_ON_TARGET = "finished_on_target"
    CLEARED_ON_TARGET = "cleared_on_target"
    ADD_OFF = "add_off"
    REMOVE_OFF = "remove_off"
    NOT_SUPPORTED = "not_supported"
    IGNORED = "ignored"
    UNDONE = "undone"
    LOST_ON_SOURCE = "lost_on_source"
    WITHOUT_IDS = "without_ids"
    NO_IDS = "no_ids"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    GONE = "gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Item:
    """One library entry on one server.

    `ids` are typed ids of the item itself (`movie:imdb:tt0111161`), `show_ids` those of an episode's show
    (`show:tvdb:121361`); both are made by `identity.typed_id`. Season 0 holds a show's specials. `aired` is the day on
    which an episode first aired, as `date.toordinal` counts. `library` is the name of the library that holds the item.
    `identifiable` False: nothing in that library has external ids (home videos, recordings). None stands for a value
    that the server does not tell.
    """

    item_id: str
    kind: MediaKind
    title: str
    ids: frozenset[str] = frozenset()
    year: int | None = None
    duration_ms: int | None = None
    show_title: str | None = None
    show_ids: frozenset[str] = frozenset()
    season: int | None = None
    episode: int | None = None
    aired: int | None = None
    library: str | None = None
    identifiable: bool = True


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item and the data that its server holds about it for one user.

    `last_played_server_ms` is on the server's own clock, not corrected by its skew; None: the server tells no date, or,
    with `date_unreadable`, one that nobody can have meant. `favorite` and `rating` are kept only because a write may
    have to send them back, and must not change them. `listed` False: no list tells of the item, and what its own route
    tells may be an old copy (versions on Jellyfin 12). `hidden`: it was taken off
    "Continue watching" there, and keeps its position all the same. Emby tells so in each row; of Plex it is learnt from
    its hub (`run/hub.py`).
    """

    item: Item
    position_ms: int
    watched: bool = False
    play_count: int = 0
    last_played_server_ms: int | None = None
    favorite: bool = False
    rating: float | None = None
    date_unreadable: bool = False
    listed: bool = True
    hidden: bool = False

    @property
    def item_id(self) -> str:
        """The id of the item on its server."""
        return self.item.item_id


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item whose row has an id, but no position that can be read.

    `reason` is for diagnostics. `item` is the item as far as the row tells it; None: there was no row to read.
    """

    reason: str
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything in progress for one account: one complete read, by item id.

    `read_at` is when its first request left. `skew_ms` is the server's clock minus this machine's; it is 0 when they
    agree to within two seconds, the limit of HTTP dates. `unknown` are the unreadable rows, by item id.
    `nameless_rows` counts unreadable rows without an id: as long as there is one, the absence of an item proves
    nothing. `other_rows` counts rows that are neither films nor episodes. `hidden_after`, by item id, tells when a hub
    last showed those items that were taken off it since then.
    """

    items: Mapping[str, ItemState]
    read_at: int
    skew_ms: int = 0
    unknown: Mapping[str, Unreadable] = field(default_factory=dict)
    nameless_rows: int = 0
    other_rows: int = 0
    hidden_after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateRead:
    """The result of a batch read of items by id.

    `absent` are ids that the server does not have for this user. That is certain: where a batch may hide items, the
    client has asked for each one separately. `unknown` are the unreadable rows, by item id. An id in none of the three
    was not asked for: nothing is known of its item in this run. `read_at` and `skew_ms` are as in a snapshot.
    """

    items: Mapping[str, ItemState]
    absent: frozenset[str]
    read_at: int
    skew_ms: int = 0
    unknown: Mapping[str, Unreadable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session of an account's user, or one that the user watches as a guest: what is played counts for both.

    `item_ids` are what it plays or has paused: the item, then the version where that holds a position of its own; none:
    it plays nothing. `activity` None with an item: it has just ended. `position_ms` is where the server takes the
    playback to be: some servers count on by themselves, for minutes after the player has gone. `reported_ms` is where
    the player said to be in its last report, which came at `reported_at`, also told of a session that plays nothing any
    more. None stands for what the server does not tell.
    """

    session_id: str
    item_ids: tuple[str, ...] = ()
    activity: Activity | None = None
    position_ms: int | None = None
    reported_ms: int | None = None
    reported_at: int | None = None


@dataclass(frozen=True, slots=True)
class SessionRead:
    """The complete list of the sessions of an account's user, asked for or told at `read_at`."""

    sessions: tuple[OpenSession, ...]
    read_at: int

    @property
    def active(self) -> dict[str, Activity]:
        """What is played or paused, by item id; playing in one session wins over paused in another."""
        active: dict[str, Activity] = {}
        for session in self.sessions:
            if session.activity is not None:
                for item_id in session.item_ids:
                    if active.get(item_id) is not Activity.PLAYING:
                        active[item_id] = session.activity
        return active


@dataclass(frozen=True, slots=True)
class Hub:
    """One read of what a server shows as "Continue watching": a choice of what is in progress, one item of each title.

    `shown` holds, by item id, the film or the show that an item stands for. `read_at` is when its request left. `whole`
    False: there may be more than that.
    """

    shown: Mapping[str, str]
    read_at: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class PositionWrite:
    """One position to store on a server.

    `base` is the item's state as last read from that server: some servers need its duration and its other fields in the
    same request. `last_played_server_ms` is the date to store, on the server's clock; None leaves the item's date as it
    is. `with_all_data`: the other fields of `base` are stored too, also where a write needs only position and date.
    """

    base: ItemState
    position_ms: int
    last_played_server_ms: int | None = None
    with_all_data: bool = False


@dataclass(frozen=True, slots=True)
class ServerTraits:
    """The behaviour of a kind of server, as far as decisions depend on it.

    `minimum_ms` and `watched_percent`: a written position is not stored below the first, nor at or above the second
    (Plex); None: every position is stored. `least_percent`: a stop below that share of the title is stored as 0, by
    the server's default. `writes_at_once` is the number of writes that may run together.
    `writes_full_set`: a write carries mark, play count, favourite, rating and date as well, as they were read, because
    the server would reset those left out, or take them from an older copy (Emby, Jellyfin from 10.11 on).
    `takes_data_back`: mark, play count, favourite, rating and date can be written (Jellyfin).
    `can_hide`: a title can be taken off "Continue watching" with its position kept, and a hub tells what is shown there
    (Plex).
    """

    server_type: ServerType
    date_meaning: DateMeaning
    can_clear: bool
    takes_date: bool
    writes_at_once: int
    writes_full_set: bool = False
    takes_data_back: bool = False
    minimum_ms: int | None = None
    watched_percent: int | None = None
    least_percent: int = 0
    can_hide: bool = False


@dataclass(frozen=True, slots=True)
class PairRules:
    """The rules of a pair.

    Three guardrails hold for writes, never for clears: no position below `min_seconds`, no step smaller than
    `delta_seconds`, no position at or above `max_percent` of the known duration. `hide_on_plex`: what is to be removed
    on Plex is hidden there, since it cannot be cleared.
    """

    direction: Direction = Direction.TWO_WAY
    add: bool = True
    remove: RemoveMode = RemoveMode.OFF
    min_seconds: int = 60
    delta_seconds: int = 30
    max_percent: int = 95
    hide_on_plex: bool = False
