"""What keeps a position from being written although it is newer."""

from ..model import PairRules, Reason, ServerTraits
from .scene import Copy

_LONGEST_DIFFERENCE_PERCENT = 10


def refusal(source: Copy, target: Copy, traits: ServerTraits, rules: PairRules) -> Reason | None:
    """Return why the source's position is not written to the target; None where nothing speaks against it.

    A 0 is no position: it travels as a removal or not at all.
    """
    position = source.position_ms
    durations = [duration for duration in (source.item.duration_ms, target.item.duration_ms) if duration]
    if position < max(rules.min_seconds * 1000, traits.minimum_ms or 0, 1):
        return Reason.BELOW_MINIMUM
    if any(position * 100 >= duration * rules.max_percent for duration in durations):
        return Reason.NEAR_END
    if traits.watched_percent is not None and any(
        position * 100 >= duration * traits.watched_percent for duration in durations
    ):
        return Reason.NEAR_END
    if durations and (max(durations) - min(durations)) * 100 > max(durations) * _LONGEST_DIFFERENCE_PERCENT:
        return Reason.DURATION_DIFFERS
    if abs(position - target.position_ms) < rules.delta_seconds * 1000:
        return Reason.BELOW_DELTA
    return None
