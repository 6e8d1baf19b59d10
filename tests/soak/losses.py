"""What is lost when everything has come to rest, as a viewer counts it."""

from dataclasses import dataclass

from tests.households.media_servers import MINUTE

from .household import Household
from .truth import LEEWAY_MS, Touch

NEAR_END_PERCENT = 90


@dataclass(slots=True)
class Losses:
    """Titles whose last place no server shows, and servers that show 0 although another shows the place."""

    everywhere: int = 0
    left_at_zero: int = 0


def count_losses(household: Household) -> Losses:
    """Count the places that humans left last, and that are not where they should be."""
    found = Losses()
    for user, truth in household.truths.items():
        for title in truth.touches:
            last = truth.last_act(title)
            if last is not None and _is_worth_syncing(last):
                _count(household, user, title, last, found)
    return found


def _is_worth_syncing(last: Touch) -> bool:
    """Tell whether every server can hold a place."""
    return last.position_ms >= MINUTE and last.position_ms * 100 < last.duration_ms * NEAR_END_PERCENT


def _count(household: Household, user: str, title: str, last: Touch, found: Losses) -> None:
    """Count one title."""
    leeway = LEEWAY_MS * len(household.servers)
    shown = {server: household.position(server, user, title) for server in household.servers}
    held = {server for server, position in shown.items() if abs((position or 0) - last.position_ms) <= leeway}
    found.everywhere += not held
    targets = household.targets(user)
    found.left_at_zero += bool(held) and any(shown[server] == 0 for server in targets)
