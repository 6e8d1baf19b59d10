"""Who sits in front of which app."""

from dataclasses import dataclass
from math import inf

from tests.simulators.playback import PlaySession, Viewer


@dataclass(slots=True, eq=False)
class Sitting:
    """Somebody in front of an app that plays, or that was left paused or asleep.

    `from_ms` is what the server held when it began, `told_ms` what the app told its server last. `dateless`: a write of
    ours has replaced the date of its play. `ahead_ms` is where the title had been left elsewhere, if it began behind
    that, at a place that was known; `ahead_is_plain`: and known to be later. `back_at_ms` is what the app told again
    over a write of ours. `switched_off`: the device has no power.
    """

    server: str
    user: str
    title: str
    item_id: str
    viewer: Viewer
    session: PlaySession
    from_ms: int
    told_ms: int
    ahead_ms: int | None = None
    ahead_is_plain: bool = False
    back_at_ms: float = -inf
    dateless: bool = False
    switched_off: bool = False

    @property
    def is_awake(self) -> bool:
        """Whether the app reports by itself."""
        return not self.session.ended and self.session.checks_in

    @property
    def may_close(self) -> bool:
        """Whether the app, asleep, may still be closed."""
        return not self.session.checks_in and not self.switched_off
