"""Plays: what sessions and push told of an item while it was open. Kept in memory alone."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Play:
    """What one session told of an item. Times are on this machine's clock, in epoch milliseconds.

    `position_ms` and `reported_at` are of its last report; None: it told no position. `regular`: two reports at most 30
    s apart were seen. `ended_at` None: it is still open.
    """

    session_id: str
    began_at: int
    reported_at: int
    position_ms: int | None = None
    regular: bool = False
    ended_at: int | None = None


@dataclass(slots=True)
class Plays:
    """The plays of one account by item, latest last.

    `heard_since` is since when sessions have been heard without a gap; None: they cannot be heard.
    """

    heard_since: int | None = None
    _plays: dict[str, tuple[Play, ...]] = field(default_factory=dict)

    def copy(self) -> Plays:
        """Return an independent copy."""
        return replace(self, _plays=dict(self._plays))

    def of(self, item_id: str) -> tuple[Play, ...]:
        """Return the plays of an item, latest last."""
        return self._plays.get(item_id, ())

    def since(self, item_id: str, time: int) -> tuple[Play, ...]:
        """Return the plays of an item that went on at some time since then, the latest last."""
        return tuple(play for play in self.of(item_id) if play.ended_at is None or play.ended_at >= time)

    def heard(self, since: int) -> bool:
        """Tell whether every session since then has been heard of."""
        return self.heard_since is not None and self.heard_since <= since
