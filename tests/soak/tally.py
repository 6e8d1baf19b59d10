"""What schedules came to, in figures."""

from collections import Counter
from dataclasses import dataclass, field, fields

from .losses import count_losses
from .schedule import Schedule


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True)
class Tally:
    """What schedules came to. `caught_in`: the number of the first one that violates an invariant.

    The last four are losses as a viewer counts them, whether or not anybody could have known better: titles cleared
    that were left at a position last, places that no server shows any more, servers left at 0 while another shows the
    place, and places taken back by one that was told late or begun behind.
    """

    schedules: int = 0
    steps: int = 0
    runs: int = 0
    faults: int = 0
    restarts: int = 0
    checked: Counter[int] = field(default_factory=Counter)
    caught_in: int | None = None
    unasked_clears: int = 0
    lost_places: int = 0
    left_at_zero: int = 0
    lowered: int = 0

    def add(self, other: Tally) -> None:
        """Add what other schedules came to."""
        for one in fields(self):
            if one.type is int:
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        self.checked.update(other.checked)

    def count(self, schedule: Schedule) -> None:
        """Add a schedule."""
        household, audit = schedule.household, schedule.audit
        self.schedules += 1
        self.steps += schedule.steps
        self.runs += household.runs
        self.faults += schedule.faults
        self.restarts += household.restarts - 1
        self.checked.update(audit.checked)
        self.unasked_clears += audit.unasked_clears
        self.lowered += audit.lowered
        losses = count_losses(household)
        self.lost_places += losses.everywhere
        self.left_at_zero += losses.left_at_zero
