"""The ledger: the memory of one pair, from matched items to pending removals, held changes and settled decisions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from .identity import contradicts, match_keys
from .journal.edit import DAY_MS, NOISE_MS, Edit
from .model import Item, Reason, Side
from .serialization import Json, from_json, to_json
from .tries import FIRST_RETRY_MS, LONGEST_RETRY_MS, Attempt, Stored

_REPAIRED_KEPT_MS = 90 * DAY_MS


def item_key(side: Side, item_id: str) -> str:
    """Return the key of an item in a ledger, such as `left:4711`."""
    return f"{side}:{item_id}"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A recorded removal that waits for a later run to confirm it.

    `side` is where the title would be cleared, `item` is the copy whose name is shown to people. `held`: people are
    asked to approve it.
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
    """A refused change. It is not asked about again until either side has another edit than these."""

    source_edit: Edit | None
    target_edit: Edit | None


@dataclass(frozen=True, slots=True)
class Held:
    """A change that is held because it is one of many. It stays on the list until either side has another edit.

    `approved`: a person wants it carried out. It may still wait, for a viewer or for a server.
    """

    source_edit: Edit | None
    target_edit: Edit | None
    removes: bool = False
    approved: bool = False

    def is_of(self, source_edit: Edit | None, target_edit: Edit | None) -> bool:
        """Tell whether neither side has been moved since the change was held."""
        return (self.source_edit, self.target_edit) == (source_edit, target_edit)


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision to do nothing about a title that is in progress on one side only.

    It holds as long as the item keeps this position and edit. `other_item_ids` are its copies on the other side.
    """

    position_ms: int
    edit: Edit | None
    reason: Reason
    other_item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedLookup:
    """A failed look-up: the other server has no item for the title, or several that fit equally well.

    `keys` are the ids that were looked up, `revision` is that of the searched library, if it has one.
    """

    reason: Reason
    keys: frozenset[str]
    at: int
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class BeforeImage:
    """An item's position before and after the last run that wrote, as kept before there was a history.

    `keys` are the ids of its title: the item id may stand for another one later. `hidden`: the item was hidden, and
    kept its position.
    """

    side: Side
    item_id: str
    before_ms: int
    after_ms: int
    before_edit: Edit | None = None
    keys: frozenset[str] = frozenset()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clear that was carried out and read back."""

    side: Side
    at: int


@dataclass(slots=True)
class Ledger:
    """The memory of one pair.

    `waiting`, `dismissed` and `replaced` are keyed by the side that would be changed and the title's key, `held` by
    the title's key, all other mappings by `item_key`. `dismissed` are refused changes, `held` those that wait
    because they are so many; `replaced` is when a position last took the place of another one, a day back at most.
    `links` holds the items found on the other side, `mappings` the item of the other side that a person chose;
    None: the item is to be ignored. `mapped_ids` are the external ids of mapped and ignored items: their item ids
    may stand for other titles later. `unresolved_since` is when an item was first found without a counterpart.
    `repaired` is when something was put back on an item that a write had taken with it. `before_images` were kept
    before there was a history, which takes them over. `started_at` is when the reads of the first run left;
    `approved`: that run changed little, or a person approved it. `mirror_agreed_at` is when a person last agreed to a
    run that mirrors; None: never. `rules` and `libraries` are those under which decisions were settled and items were
    looked up.
    """

    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mappings: dict[str, str | None] = field(default_factory=dict)
    mapped_ids: dict[str, frozenset[str]] = field(default_factory=dict)
    settled: dict[str, Settled] = field(default_factory=dict)
    failed: dict[str, FailedLookup] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)
    unresolved_since: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, Tombstone] = field(default_factory=dict)
    dismissed: dict[str, Dismissal] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    replaced: dict[str, int] = field(default_factory=dict)
    repaired: dict[str, int] = field(default_factory=dict)
    recently_cleared: tuple[Cleared, ...] = ()
    before_images: tuple[BeforeImage, ...] = ()
    updated_total: int = 0
    cleared_total: int = 0
    started_at: int | None = None
    approved: bool = False
    mirror_agreed_at: int | None = None
    rules: str = ""
    libraries: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: object) -> Ledger:
        """Restore a ledger from JSON data; raises ValueError where it is not a ledger."""
        return from_json(cls, data)

    def to_dict(self) -> Json:
        """Return the ledger as JSON-able data."""
        data: Json = to_json(self)
        return data

    def copy(self) -> Ledger:
        """Return an independent copy."""
        return replace(
            self,
            links=dict(self.links),
            mappings=dict(self.mappings),
            mapped_ids=dict(self.mapped_ids),
            settled=dict(self.settled),
            failed=dict(self.failed),
            attempts=dict(self.attempts),
            stored=dict(self.stored),
            unresolved_since=dict(self.unresolved_since),
            waiting=dict(self.waiting),
            dismissed=dict(self.dismissed),
            held=dict(self.held),
            replaced=dict(self.replaced),
            repaired=dict(self.repaired),
        )

    @property
    def tombstones(self) -> tuple[Tombstone, ...]:
        """The pending removals, oldest first."""
        return tuple(sorted(self.waiting.values(), key=lambda one: (one.recorded_at, one.key)))

    def linked_by_hand(self) -> dict[str, str]:
        """Return the items that were matched by hand, as left id to right id. Ignored items are not among them."""
        linked = {}
        for key, other in self.mappings.items():
            side, _, item_id = key.partition(":")
            if other is not None:
                linked.update({item_id: other} if side == Side.LEFT else {other: item_id})
        return linked

    def was_another_title(self, side: Side, item: Item) -> bool:
        """Tell whether an item was mapped or ignored by hand when its id stood for another title."""
        # 101 was film 1, which is to be ignored · the server scans anew, and 101 is film 2, which nobody ignored.
        return contradicts(item, self.mapped_ids.get(item_key(side, item.item_id), frozenset()))

    def learn_mapped(self, side: Side, item: Item) -> None:
        """Keep the ids of an item that is mapped or ignored, unless they are known."""
        if keys := match_keys(item):
            self.mapped_ids.setdefault(item_key(side, item.item_id), keys)

    def forget_mapping(self, side: Side, item_id: str) -> None:
        """Forget that an item is mapped or ignored. The mapping of its counterpart stays."""
        self.mappings.pop(item_key(side, item_id), None)
        self.mapped_ids.pop(item_key(side, item_id), None)

    def chosen_by_hand(self, side: Side, item_id: str) -> str | None:
        """Return the item of the other side that a person matched with this one; None: there is none."""
        chosen = self.mappings.get(item_key(side, item_id))
        if chosen is not None:
            return chosen
        # The match may have been made from the other side.
        others = (key for key, other in self.mappings.items() if other == item_id and key.startswith(f"{side.other}:"))
        return next((key.partition(":")[2] for key in others), None)

    def ignores(self, side: Side, item_id: str) -> bool:
        """Tell whether a person chose to ignore an item."""
        key = item_key(side, item_id)
        return key in self.mappings and self.mappings[key] is None

    def forget_item(self, side: Side, item_id: str) -> None:
        """Forget links, decisions, look-ups and retries of an item: the next run treats it as new."""
        key = item_key(side, item_id)
        for kept in (self.links, self.settled, self.failed, self.attempts, self.stored, self.unresolved_since):
            kept.pop(key, None)

    def note_unresolved(self, keys: Collection[str], now: int) -> None:
        """Replace the list of unresolved items. An item that was on it keeps the time since when."""
        self.unresolved_since = {key: self.unresolved_since.get(key, now) for key in keys}

    def forget_settled(self) -> None:
        """Forget settled decisions, failed look-ups and retries: the next run looks at every title again."""
        self.settled.clear()
        self.failed.clear()
        self.attempts.clear()
        self.stored.clear()

    def reset_if_rules_changed(self, rules: str) -> None:
        """Forget settled decisions if they were made under other rules. Look-ups do not depend on rules and stay."""
        if self.rules != rules:
            self.settled.clear()
            self.rules = rules

    def reset_if_libraries_changed(self, libraries: tuple[str, ...]) -> None:
        """Forget links, look-ups and decisions if they were made within other libraries. Matches by hand stay."""
        if self.libraries != libraries:
            self.links.clear()
            self.forget_settled()
            self.libraries = libraries

    def step_back(self, now: int) -> None:
        """Lower future times to now, because this machine's clock was set back.

        Only times that are not compared with edits: `run/clock_step.py` lowers the others, together with the journals.
        """
        for key, attempt in self.attempts.items():
            # 14:00 the next try is set for 15:00 · the clock is set back to 08:00 · the title would wait for seven
            # hours.
            if attempt.retry_at > now + LONGEST_RETRY_MS:
                self.attempts[key] = replace(attempt, retry_at=now)
        for key, stored in self.stored.items():
            if stored.at > now:
                self.stored[key] = replace(stored, at=now, retry_at=min(stored.retry_at, now))
        self.unresolved_since = {key: min(since, now) for key, since in self.unresolved_since.items()}
        self.recently_cleared = tuple(replace(one, at=min(one.at, now)) for one in self.recently_cleared)
        self.replaced = {key: min(at, now) for key, at in self.replaced.items()}

    def clear_tombstones(self) -> int:
        """Refuse all pending removals and return their number. A viewer's edit on either side lifts the refusal."""
        count = len(self.waiting)
        for key, tombstone in self.waiting.items():
            self.dismissed[key] = Dismissal(tombstone.source_edit, tombstone.target_edit)
            self.held.pop(tombstone.key, None)
        self.waiting.clear()
        return count

    def lookup_failed(
        self, side: Side, item_id: str, keys: frozenset[str], revision: str | None, now: int
    ) -> Reason | None:
        """Return the reason of a failed look-up that still holds; None: the item should be looked up.

        `keys` are the item's ids now, `revision` is that of the other library; None: the library has none.
        """
        failed = self.failed.get(item_key(side, item_id))
        # The last clause: a failure dated in the future was recorded before the clock was set back.
        if failed is None or failed.keys != keys or now - failed.at >= DAY_MS or now < failed.at:
            return None
        # From here on the item and the failure are the same and recent: only a changed library can hold an answer.
        if revision is not None and revision != failed.revision:
            return None
        return failed.reason

    def failed_attempt(self, side: Side, item_id: str, position_ms: int, reason: Reason, now: int) -> None:
        """Note a write that failed or was not stored. The next try waits twice as long as the last: 1 min up to 6 h."""
        key = item_key(side, item_id)
        earlier = self.attempts.get(key)
        # Another position is another write. Steps below 10 s are noise: they do not shorten the wait.
        if earlier is None or abs(earlier.position_ms - position_ms) >= NOISE_MS:
            earlier = Attempt(position_ms, reason, 0, now)
        delay = min(FIRST_RETRY_MS * 2 ** min(earlier.count, 16), LONGEST_RETRY_MS)
        ignored = earlier.ignored + (reason is Reason.NOT_VERIFIED)
        self.attempts[key] = Attempt(position_ms, reason, earlier.count + 1, now + delay, ignored)

    def stored_write(self, side: Side, item_id: str, position_ms: int, edit: Edit | None, now: int) -> None:
        """Note a write that a read has shown. If it is gone again, it is written again; from the fourth time on later.

        Then the next tries wait for 15 min, 1 h, 4 h, and a day each.
        """
        key = item_key(side, item_id)
        self.attempts.pop(key, None)
        earlier = self.stored.get(key)
        same = earlier is not None and earlier.is_of(position_ms, edit)
        self.stored[key] = earlier.again(now) if earlier is not None and same else Stored(position_ms, edit, now)

    def keep_tries(self, waiting: Collection[str], standing: Mapping[str, Collection[Edit]], now: int) -> None:
        """Drop the attempts and the stored writes that no later run needs; all are by `item_key`.

        `waiting` are the items whose writes are still to come. Other stored writes are remembered for a day, as long as
        their edit is among the `standing` ones.
        """
        self.attempts = {key: one for key, one in self.attempts.items() if key in waiting}
        self.stored = {
            key: one
            for key, one in self.stored.items()
            if key in waiting or (now - one.at < DAY_MS and one.edit in standing.get(key, ()))
        }

    def note_repaired(self, side: Side, item_id: str, now: int) -> None:
        """Note that something was put back on an item; for 90 days it is not put back again."""
        self.repaired = {key: at for key, at in self.repaired.items() if now - at < _REPAIRED_KEPT_MS}
        self.repaired[item_key(side, item_id)] = now

    def repaired_on(self, side: Side) -> frozenset[str]:
        """Return the items of a side on which something was put back."""
        return frozenset(key.partition(":")[2] for key in self.repaired if key.startswith(f"{side}:"))

    def cleared_since(self, side: Side, since: int) -> int:
        """Return the number of titles cleared on a side after a time, which may lie a day back at most."""
        return sum(cleared.side is side and cleared.at > since for cleared in self.recently_cleared)

    def record_clear(self, side: Side, key: str, now: int) -> None:
        """Count a clear of a title, by its key, that a read back has confirmed."""
        self.cleared_total += 1
        # Of what a person approved nobody is asked again: it does not count for the brake.
        if not self.is_approved(key):
            recent = (cleared for cleared in self.recently_cleared if cleared.at > now - DAY_MS)
            self.recently_cleared = (*recent, Cleared(side, now))

    def record_write(self, key: str, now: int, *, replaces: str | None) -> None:
        """Count a write of a title, by its key, that a read back has confirmed.

        `replaces` is its key in `replaced`; None: the target had no position, or its own was given back.
        """
        self.updated_total += 1
        # The first run is judged by itself: it is agreed to, or small.
        if replaces is not None and self.approved and not self.is_approved(key):
            self.replaced = {one: at for one, at in self.replaced.items() if at > now - DAY_MS} | {replaces: now}

    def is_approved(self, key: str) -> bool:
        """Tell whether a person approved of a change of a title."""
        return key in self.held and self.held[key].approved

    def keep_only(self, left: Collection[str], right: Collection[str]) -> None:
        """Drop links, decisions and look-ups of items that are no longer in progress.

        `left` and `right` are the ids of the items in progress. Matches by hand stay.
        """

        def kept(key: str) -> bool:
            side, _, item_id = key.partition(":")
            return item_id in (left if side == Side.LEFT else right)

        self.links = {key: value for key, value in self.links.items() if kept(key)}
        self.settled = {key: value for key, value in self.settled.items() if kept(key)}
        self.failed = {key: value for key, value in self.failed.items() if kept(key)}
