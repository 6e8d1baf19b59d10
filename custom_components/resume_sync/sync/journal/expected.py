"""Writes of ours that no read has shown yet: they are expected, and a read that shows one is no viewer's edit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from .edit import DAY_MS
from .trail import Write

_KEPT = 9


@dataclass(slots=True)
class ExpectedWrites:
    """The writes to one account that no read has shown yet, by item, latest first.

    Those behind the latest were followed by another write before a read showed them. A slow server may still store
    them (late write).
    """

    writes: dict[str, tuple[Write, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Write]:
        """Yield all writes."""
        for writes in self.writes.values():
            yield from writes

    def copy(self) -> ExpectedWrites:
        """Return an independent copy."""
        return replace(self, writes=dict(self.writes))

    def of(self, item_id: str) -> tuple[Write, ...]:
        """Return all writes to an item that a read may still show, latest first."""
        return self.writes.get(item_id, ())

    def latest(self, item_id: str) -> Write | None:
        """Return the latest write to an item; None: no write is expected."""
        return next(iter(self.of(item_id)), None)

    def add(self, item_id: str, write: Write) -> None:
        """Expect a write that is about to be sent."""
        # Late write: 20:00 we write 71 min, the server is slow · 20:02 we write 50 min, the server ignores it · 20:07
        # the 71 min arrive. They are still ours, although another write followed. Of those behind the latest, writes
        # that look the same are kept once.
        latest, earlier = self.of(item_id)[:1], self.of(item_id)[1:]
        others = (one for one in earlier if not latest[0].looks_like(one))
        self.writes[item_id] = (write, *latest, *others)[:_KEPT]

    def seen(self, item_id: str, write: Write) -> None:
        """Settle a write that a read has shown, together with earlier writes to the same position."""
        # An overtaken write was shown: the latest one may still arrive, so everything stays expected.
        if self.latest(item_id) != write:
            return
        others = (one for one in self.of(item_id)[1:] if one.place.position_ms != write.place.position_ms)
        self._keep(item_id, tuple(others))

    def withdraw(self, item_id: str) -> None:
        """Stop expecting the latest write to an item, because it was not sent."""
        self._keep(item_id, self.of(item_id)[1:])

    def forget(self, item_id: str) -> None:
        """Stop expecting any write to an item."""
        self.writes.pop(item_id, None)

    def rename(self, item_id: str, new_id: str) -> None:
        """Expect the writes to one item of another one instead, in place of those that were expected of it."""
        self.forget(new_id)
        if item_id in self.writes:
            self.writes[new_id] = self.writes.pop(item_id)

    def change(self, change: Callable[[Write], Write]) -> None:
        """Replace every write by its changed version."""
        self.writes = {item_id: tuple(map(change, writes)) for item_id, writes in self.writes.items()}

    def drop_old(self, now: int) -> None:
        """Stop expecting writes that were sent a day ago or earlier."""
        for item_id, writes in list(self.writes.items()):
            self._keep(item_id, tuple(write for write in writes if now - write.made_at < DAY_MS))

    def _keep(self, item_id: str, writes: tuple[Write, ...]) -> None:
        """Expect exactly these writes to an item."""
        if writes:
            self.writes[item_id] = writes
        else:
            self.forget(item_id)
