"""The writes of ours whose effect on the server nobody has seen yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..model import ItemState
from .edit import DAY_MS
from .trail import Intent

_OVERTAKEN_KEPT = 8


@dataclass(slots=True)
class UnseenWrites:
    """The writes to one account that a read has yet to show, by item.

    `intents` are the latest; `overtaken` were followed by another before anybody saw them, latest first: servers may
    still store them, late.
    """

    intents: dict[str, Intent] = field(default_factory=dict)
    overtaken: dict[str, tuple[Intent, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Intent]:
        """Yield all writes."""
        yield from self.intents.values()
        for intents in self.overtaken.values():
            yield from intents

    def copy(self) -> UnseenWrites:
        """Return them so that they can change without these."""
        return replace(self, intents=dict(self.intents), overtaken=dict(self.overtaken))

    def latest(self, item_id: str) -> Intent | None:
        """Return the latest write to an item."""
        return self.intents.get(item_id)

    def of(self, item_id: str) -> list[Intent]:
        """Return the writes to an item that may yet show, the latest first."""
        latest = self.intents.get(item_id)
        return [*((latest,) if latest else ()), *self.overtaken.get(item_id, ())]

    def dated(self, state: ItemState) -> bool:
        """Tell whether a read shows the date of any of these writes: nobody has played since."""
        return any(intent.dated(state) for intent in self.of(state.item_id))

    def clear_after_another(self, state: ItemState) -> Intent | None:
        """Return the clear of ours that a read shows with the date of another: clears leave it as they find it."""
        if state.position_ms or not self.dated(state):
            return None
        clears = (intent for intent in self.of(state.item_id) if not intent.position_ms)
        return next((intent for intent in clears if intent.watched is state.watched), None)

    def intend(self, item_id: str, intent: Intent) -> None:
        """Note a write before it is sent. An earlier one that was never seen may yet come."""
        earlier = self.intents.get(item_id)
        if earlier is not None:
            others = (one for one in self.overtaken.get(item_id, ()) if not one.looks_like(earlier))
            self.overtaken[item_id] = (earlier, *others)[:_OVERTAKEN_KEPT]
        self.intents[item_id] = intent

    def seen(self, item_id: str, intent: Intent) -> None:
        """Expect a write no more, nor earlier ones to the same position, if it is the latest to its item."""
        if self.intents.get(item_id) != intent:
            return
        del self.intents[item_id]
        others = tuple(one for one in self.overtaken.pop(item_id, ()) if one.position_ms != intent.position_ms)
        if others:
            self.overtaken[item_id] = others

    def withdraw(self, item_id: str) -> None:
        """Expect the latest write to an item no more: it was not sent."""
        self.intents.pop(item_id, None)

    def forget(self, item_id: str) -> None:
        """Expect no write to an item any more."""
        self.withdraw(item_id)
        self.overtaken.pop(item_id, None)

    def change(self, change: Callable[[Intent], Intent]) -> None:
        """Replace what is noted of every write."""
        self.intents = {item_id: change(intent) for item_id, intent in self.intents.items()}
        self.overtaken = {item_id: tuple(map(change, intents)) for item_id, intents in self.overtaken.items()}

    def drop_old(self, now: int) -> None:
        """Expect no write any more that was sent more than a day ago."""
        self.intents = {item_id: intent for item_id, intent in self.intents.items() if now - intent.made_at < DAY_MS}
        recent = {
            item_id: tuple(intent for intent in intents if now - intent.made_at < DAY_MS)
            for item_id, intents in self.overtaken.items()
        }
        self.overtaken = {item_id: intents for item_id, intents in recent.items() if intents}
