"""The vocabulary of a sync.

Times are integers: milliseconds since the epoch on this machine's clock, unless a name says `server`.
Positions and durations are milliseconds.
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
    """What an external id is the id of."""

    MOVIE = "movie"
    EPISODE = "episode"
    SHOW = "show"


class DateMeaning(StrEnum):
    """What a server's "last played" date tells."""

    LAST_WRITE = "last_write"
    PLAY_START = "play_start"


class Activity(StrEnum):
    """What a viewer is doing with an item at this moment."""

    PLAYING = "playing"
    PAUSED = "paused"


class Direction(StrEnum):
    """Which way positions travel between an account and its peer."""

    TO_PEER = "to_peer"
    FROM_PEER = "from_peer"
    TWO_WAY = "two_way"


class RemoveMode(StrEnum):
    """What a pair does about titles that left "Continue watching" on one side."""

    OFF = "off"
    SOURCE = "source"
    MIRROR = "mirror"


class Side(StrEnum):
    """The two accounts of a pair: the one that holds the pair is left, its peer right."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The account across."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Action(StrEnum):
    """What a run does with one title."""

    WRITE = "write"
    CLEAR = "clear"
    WAIT = "wait"
    NONE = "none"
    UNRESOLVED = "unresolved"


class Reason(StrEnum):
    """Why a decision is what it is. Stable: shown to users and used in automations."""

    NEWER_POSITION = "newer_position"
    ONLY_ON_SOURCE = "only_on_source"
    HIGHER_POSITION = "higher_position"
    MIRRORED = "mirrored"
    CLEARED_ON_SOURCE = "cleared_on_source"
    FINISHED_ON_SOURCE = "finished_on_source"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    PLAYING_ON_TARGET = "playing_on_target"
    PLAYING_ON_SOURCE = "playing_on_source"
    HELD_FOR_APPROVAL = "held_for_approval"
    NOT_VERIFIED = "not_verified"
    WRITE_FAILED = "write_failed"
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
    NO_IDS = "no_ids"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Item:
    """One library entry on one server.

    `ids` are typed ids of the item itself (`movie:imdb:tt0111161`), `show_ids` those of an episode's show
    (`show:tvdb:121361`); both are made by `identity.typed_id`. Season 0 is a season.
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


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item with what its server holds for one user.

    `last_played_server_ms` is on the server's own clock, not corrected by its skew; None where the server tells none.
    `favorite` and `rating` are carried along only because Emby wants them back in a write.
    """

    item: Item
    position_ms: int
    watched: bool = False
    play_count: int = 0
    last_played_server_ms: int | None = None
    favorite: bool = False
    rating: float | None = None

    @property
    def item_id(self) -> str:
        """The id of the item on its server."""
        return self.item.item_id


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything in progress for one account: one complete read.

    `read_at` is when its first request left, `skew_ms` the server's clock minus this machine's (0 when they agree to
    within the two seconds that HTTP dates can tell). `unknown` maps ids of rows that could not be understood to why;
    `nameless_rows` counts such rows without an id: with any of them, no absence means anything.
    """

    items: Mapping[str, ItemState]
    read_at: int
    skew_ms: int = 0
    unknown: Mapping[str, str] = field(default_factory=dict)
    nameless_rows: int = 0


@dataclass(frozen=True, slots=True)
class StateRead:
    """What a batch read of items by id found.

    `absent` are ids that the server does not have for this user (certain: where a batch hides items, the client has
    asked for each by itself); `unknown` maps ids whose rows could not be understood to why.
    """

    items: Mapping[str, ItemState]
    absent: frozenset[str]
    read_at: int
    skew_ms: int = 0
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PositionWrite:
    """One position to store on a server.

    `base` is the item's state as last read from that server: its duration and its other fields may have to be sent
    along. `last_played_server_ms` is the date to store, on the server's clock; None leaves the item's own.
    """

    base: ItemState
    position_ms: int
    last_played_server_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ServerTraits:
    """How a kind of server behaves, as far as decisions depend on it.

    `minimum_ms` and `watched_percent`: below and at or above these a written position is not stored (Plex); None
    where every position is. `writes_at_once`: how many writes may run together. `read_before_write`: read each chunk of
    that many items right before they are written, because a write carries more than the position (Emby); None: no need.
    """

    server_type: ServerType
    date_meaning: DateMeaning
    can_clear: bool
    takes_date: bool
    writes_at_once: int
    read_before_write: int | None = None
    minimum_ms: int | None = None
    watched_percent: int | None = None


@dataclass(frozen=True, slots=True)
class PairRules:
    """The rules of a pair. `min_seconds`, `delta_seconds` and `max_percent` hold for writes, never for clears."""

    direction: Direction = Direction.TWO_WAY
    add: bool = True
    remove: RemoveMode = RemoveMode.OFF
    min_seconds: int = 60
    delta_seconds: int = 30
    max_percent: int = 95
