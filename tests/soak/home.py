"""One person's household in which counterexamples can be told in a few lines."""

from collections.abc import Sequence

from custom_components.resume_sync.sync.model import Direction, PairRules, RemoveMode, ServerType
from tests.households.media_servers import MINUTE

from .direct import DirectServer
from .household import Household, Pair
from .people import People

PLEX, JELLYFIN, EMBY = ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY
TWO_WAY = PairRules(direction=Direction.TWO_WAY, remove=RemoveMode.OFF)
HOUR = 3600


class Home:
    """Anna's household: servers `a`, `b`, `c` of the kinds given, and pairs named by their two letters."""

    def __init__(self, kinds: Sequence[ServerType], pairs: Sequence[str], rules: PairRules = TWO_WAY) -> None:
        """Set it up without history."""
        named = dict(zip("abc", kinds, strict=False))
        self.pairs = {names: Pair("anna", names[0], names[1], rules) for names in pairs}
        self.household = Household(named, list(self.pairs.values()), DirectServer)
        self.people = People(self.household, lambda *_: None)
        self.household.open()

    async def sync(self, *pairs: str) -> None:
        """Let these pairs run, or all in their order."""
        self.people.wait(5)
        for names in pairs or self.pairs:
            run = await self.household.sync(self.pairs[names])
            assert run.report is not None, run.error
            self.people.wait(2)

    def watch(self, server: str, title: str, minutes: float, from_minute: float | None = None) -> None:
        """Watch a title and stop."""
        sitting = self.people.play(server, "anna", title, None if from_minute is None else int(from_minute * MINUTE))
        assert sitting is not None
        self.people.wait(minutes * 60)
        self.people.stop(sitting)

    def upgrade(self, server: str, title: str) -> None:
        """Replace a title's file: it comes back under a new id."""
        simulated = self.household.servers[server]
        (item_id,) = simulated.items_of(title)
        simulated.replace_file(item_id)

    def delay_writes(self, server: str, seconds: float) -> None:
        """Let what is written to a server land late from now on."""
        inner = self.household.wires[server, "anna"].inner
        assert isinstance(inner, DirectServer)
        inner.delay_seconds = seconds

    def minutes(self, title: str) -> dict[str, float]:
        """Return where a title stands on each server."""
        return self.household.servers.minutes(title)
