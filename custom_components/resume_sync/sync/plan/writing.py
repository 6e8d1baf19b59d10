"""Writing a position: what may forbid or delay it."""

from ..model import Action, Activity, PairRules, Reason, ServerTraits
from .decision import Carried, Decision
from .scene import Copy, Fit, Scene, Title, fit


def write(scene: Scene, title: Title, reason: Reason, carried: Carried) -> Decision:
    """Write the source's position, unless something stands in the way."""
    obstacle = obstacle_to_write(scene, title, title.source_copy, title.target_copy)
    return obstacle or title.decided(Action.WRITE, reason, carried)


def obstacle_to_write(scene: Scene, title: Title, moving: Copy, target: Copy) -> Decision | None:
    """Return the decision where a rule, a viewer or an earlier failure stands in the way of a write; None: it is free.

    The position of `moving` would be written to `target`, a copy on the title's target side.
    """
    if not scene.rules.add:
        return title.decided(Action.NONE, Reason.ADD_OFF)
    traits = scene.shelf(title.source.other).traits
    refused = _refusal(moving, target, traits, scene.rules)
    if refused:
        return title.decided(Action.NONE, refused)
    # A position that is still playing grows until it pauses or stops: written at 20:10, it is old by 20:15.
    if any(copy.activity is Activity.PLAYING for copy in title.from_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_SOURCE)
    # An app on the target writes its own position when it closes: paused at 20 min at 20:00, it would put 20 min over
    # the 80 min that we wrote at 22:00.
    if any(copy.activity for copy in title.to_copies):
        return title.decided(Action.WAIT, Reason.PLAYING_ON_TARGET)
    # 20:00 written and stored · 20:01 gone, and so on, four times: something there keeps on writing its own position.
    if scene.is_not_kept(title.source.other, moving, target):
        return title.decided(Action.WAIT, Reason.NOT_KEPT)
    attempt = scene.failed_attempt(title.source.other, target, moving.position_ms)
    if attempt is None:
        return None
    # Plex ends titles at their credits, before its threshold: it answers 200 and stores nothing. Twice is proof.
    durations = moving.item.duration_ms, target.item.duration_ms
    if traits.watched_percent is not None and attempt.is_ignored_at_the_end(*durations):
        return title.decided(Action.NONE, Reason.NEAR_END)
    # Back-off: failed at 20:00, again at 20:01, at 20:03, and so on, 6 h apart at most.
    return title.failed(attempt) if scene.now < attempt.retry_at else None


def _refusal(moving: Copy, target: Copy, traits: ServerTraits, rules: PairRules) -> Reason | None:
    """Return the guardrail that forbids this write, as a reason; None where all of them allow it."""
    position = moving.position_ms
    durations = [duration for duration in (moving.item.duration_ms, target.item.duration_ms) if duration]
    # The least is 1 ms even where every position may be written: a 0 travels as a removal or not at all.
    if position < max(rules.min_seconds * 1000, traits.minimum_ms or 0, 1):
        return Reason.BELOW_MINIMUM
    if any(position * 100 >= duration * rules.max_percent for duration in durations):
        return Reason.NEAR_END
    if traits.watched_percent is not None and any(
        position * 100 >= duration * traits.watched_percent for duration in durations
    ):
        return Reason.NEAR_END
    if fit(moving.item, target.item) is Fit.ANOTHER_CUT:
        return Reason.DURATION_DIFFERS
    # What the target shows counts, not where its account stands: a lost position, at 0 since, differs by all of it.
    if abs(position - target.shown) < rules.delta_seconds * 1000:
        return Reason.BELOW_DELTA
    return None
