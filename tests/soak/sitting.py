"""Who sits in front of which app."""

from dataclasses import dataclass

from tests.simulators.playback import PlaySession, Viewer


@dataclass(slots=True, eq=False)
class Sitting:
    """Somebody in front of an app that plays, or that was left paused or asleep.

    `from_ms` is what the server held when it began, `told_ms` what the app told its server last. `dateless`: a write of
    ours has replaced the date of its play.
    """

    server: str
    user: str
    title: str
    item_id: str
    viewer: Viewer
    session: PlaySession
    from_ms: int
    told_ms: int
    dateless: bool = False

    @property
    def is_awake(self) -> bool:
        """Whether the app reports by itself."""
        return not self.session.ended and self.session.checks_in
