"""The ledger of one pair: links, removals that wait, settled decisions, failed look-ups, before-images, counters."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from .journal.edit import DAY_MS, NOISE_MS, Edit
from .model import Item, Reason, Side
from .serialization import Json, from_json, to_json

FIRST_RETRY_MS = 60_000
LONGEST_RETRY_MS = 6 * 3_600_000


def item_key(side: Side, item_id: str) -> str:
    """Return one item's name in a ledger."""
    return f"{side}:{item_id}"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A recorded removal that waits for a later run to confirm it.

    `side` is where the title would be cleared, `item` the copy to show to people. `held`: somebody has been asked.
    """

    key: str
    side: Side
    item: Item
    source_item_id: str
    source_edit: Edit | None
    target_item_ids: tuple[str, ...]
    target_edit: Edit | None
    target_position_ms: int
    reason: Reason
    recorded_at: int
    held: bool = False


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A removal that somebody refused: it is not recorded again while neither side was touched."""

    source_edit: Edit | None
    target_edit: Edit | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision to do nothing about a title in progress on one side, valid while that item stays as it was."""

    position_ms: int
    edit: Edit | None
    reason: Reason
    other_item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """A title that the other server did not have when it was asked."""

    reason: Reason
    keys: frozenset[str]
    at: int
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write that failed or did not take, and when it may be tried again.

    `ignored`: how often the server took it without storing it.
    """

    position_ms: int
    reason: Reason
    count: int
    retry_at: int
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class BeforeImage:
    """What an item held before the last run that wrote, and what that run left there."""

    side: Side
    item_id: str
    before_ms: int
    after_ms: int
    before_edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clear that was done."""

    side: Side
    at: int


@dataclass(slots=True)
class Ledger:
    """What a pair remembers.

    `started_at` is when the reads of its first run left; `approved`: that changed little, or somebody approved of it.
    `rules` are those that settled decisions obeyed.
    `waiting` and `dismissed` are keyed by the side that would be cleared with the title's key, everything else by
    `item_key`. `mappings` are made by hand, to an item of the other side; None: ignored. `unresolved_since` is when an
    item was first found without a counterpart.
    """

    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mappings: dict[str, str | None] = field(default_factory=dict)
    settled: dict[str, Settled] = field(default_factory=dict)
    failed: dict[str, FailedLookup] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    unresolved_since: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, Tombstone] = field(default_factory=dict)
    dismissed: dict[str, Dismissal] = field(default_factory=dict)
    recently_cleared: tuple[Cleared, ...] = ()
    before_images: tuple[BeforeImage, ...] = ()
    updated_total: int = 0
    cleared_total: int = 0
    started_at: int | None = None
    approved: bool = False
    rules: str = ""
    libraries: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: object) -> Ledger:
        """Restore a ledger; raises ValueError where the data is no ledger."""
        return from_json(cls, data)

    def to_dict(self) -> Json:
        """Return the ledger as JSON-able data."""
        data: Json = to_json(self)
        return data

    def copy(self) -> Ledger:
        """Return a ledger that can change without this one."""
        return replace(
            self,
            links=dict(self.links),
            mappings=dict(self.mappings),
            settled=dict(self.settled),
            failed=dict(self.failed),
            attempts=dict(self.attempts),
            unresolved_since=dict(self.unresolved_since),
            waiting=dict(self.waiting),
            dismissed=dict(self.dismissed),
        )

    @property
    def tombstones(self) -> tuple[Tombstone, ...]:
        """Removals that wait, oldest first."""
        return tuple(sorted(self.waiting.values(), key=lambda one: (one.recorded_at, one.key)))

    def linked_by_hand(self) -> dict[str, str]:
        """Return mapped items, left to right."""
        linked = {}
        for key, other in self.mappings.items():
            side, _, item_id = key.partition(":")
            if other is not None:
                linked.update({item_id: other} if side == Side.LEFT else {other: item_id})
        return linked

    def chosen_by_hand(self, side: Side, item_id: str) -> str | None:
        """Return the other side's item that somebody said an item is, from whichever side it was said."""
        chosen = self.mappings.get(item_key(side, item_id))
        if chosen is not None:
            return chosen
        others = (key for key, other in self.mappings.items() if other == item_id and key.startswith(f"{side.other}:"))
        return next((key.partition(":")[2] for key in others), None)

    def ignores(self, side: Side, item_id: str) -> bool:
        """Tell whether somebody said that an item is to be left alone."""
        key = item_key(side, item_id)
        return key in self.mappings and self.mappings[key] is None

    def forget_item(self, side: Side, item_id: str) -> None:
        """Forget what was found out about an item, so that the next run looks at it anew."""
        key = item_key(side, item_id)
        for remembered in (self.links, self.settled, self.failed, self.attempts, self.unresolved_since):
            remembered.pop(key, None)

    def note_unresolved(self, keys: Collection[str], now: int) -> None:
        """Note that these items and no others are unresolved, each since it was first."""
        self.unresolved_since = {key: self.unresolved_since.get(key, now) for key in keys}

    def forget_settled(self) -> None:
        """Forget settled decisions and failed look-ups, so that a run looks at every title anew."""
        self.settled.clear()
        self.failed.clear()
        self.attempts.clear()

    def obey(self, rules: str) -> None:
        """Forget settled decisions when the rules are no longer those that they were made by."""
        if self.rules != rules:
            self.settled.clear()
            self.rules = rules

    def look_within(self, libraries: tuple[str, ...]) -> None:
        """Forget what was found when the accounts are limited to other libraries than then."""
        if self.libraries != libraries:
            self.links.clear()
            self.forget_settled()
            self.libraries = libraries

    def step_back(self, now: int) -> None:
        """Bring times that nothing else is compared with down to now: this machine's clock was set back."""
        for key, attempt in self.attempts.items():
            if attempt.retry_at > now + LONGEST_RETRY_MS:
                self.attempts[key] = replace(attempt, retry_at=now)
        self.unresolved_since = {key: min(since, now) for key, since in self.unresolved_since.items()}
        self.recently_cleared = tuple(replace(one, at=min(one.at, now)) for one in self.recently_cleared)

    def clear_tombstones(self) -> int:
        """Refuse all waiting removals until a viewer touches their titles on either side; return their count."""
        count = len(self.waiting)
        for key, tombstone in self.waiting.items():
            self.dismissed[key] = Dismissal(tombstone.source_edit, tombstone.target_edit)
        self.waiting.clear()
        return count

    def lookup_failed(
        self, side: Side, item_id: str, keys: frozenset[str], revision: str | None, now: int
    ) -> Reason | None:
        """Return why the last look-up of an item failed, as long as another would tell nothing new.

        It would when the item's ids changed, when the other library is known to have changed, or after a day.
        """
        failed = self.failed.get(item_key(side, item_id))
        if failed is None or failed.keys != keys or now - failed.at >= DAY_MS or now < failed.at:
            return None
        if revision is not None and revision != failed.revision:
            return None
        return failed.reason

    def failed_attempt(self, side: Side, item_id: str, position_ms: int, reason: Reason, now: int) -> None:
        """Note that a write did not work, and wait twice as long as last time before the next try."""
        key = item_key(side, item_id)
        earlier = self.attempts.get(key)
        if earlier is None or abs(earlier.position_ms - position_ms) >= NOISE_MS:
            earlier = Attempt(position_ms, reason, 0, now)
        delay = min(FIRST_RETRY_MS * 2 ** min(earlier.count, 16), LONGEST_RETRY_MS)
        ignored = earlier.ignored + (reason is Reason.NOT_VERIFIED)
        self.attempts[key] = Attempt(position_ms, reason, earlier.count + 1, now + delay, ignored)

    def cleared_since(self, side: Side, since: int) -> int:
        """Return how many titles were cleared on a side since a time."""
        return sum(cleared.side is side and cleared.at > since for cleared in self.recently_cleared)

    def record_clear(self, side: Side, now: int) -> None:
        """Count a clear that was read back."""
        recent = (cleared for cleared in self.recently_cleared if cleared.at > now - DAY_MS)
        self.recently_cleared = (*recent, Cleared(side, now))
        self.cleared_total += 1

    def keep_only(self, left: Collection[str], right: Collection[str]) -> None:
        """Drop what was remembered of items that are no longer in progress."""

        def kept(key: str) -> bool:
            side, _, item_id = key.partition(":")
            return item_id in (left if side == Side.LEFT else right)

        self.links = {key: value for key, value in self.links.items() if kept(key)}
        self.settled = {key: value for key, value in self.settled.items() if kept(key)}
        self.failed = {key: value for key, value in self.failed.items() if kept(key)}
