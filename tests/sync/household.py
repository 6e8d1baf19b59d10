"""A household of model servers: small enough that a unit test tells all of it in a few lines."""

from collections.abc import Mapping, Sequence
from typing import Any, override

from custom_components.resume_sync.sync.model import PairRules, ServerType
from custom_components.resume_sync.sync.plan.decision import Report
from tests.households.over_the_port import Household as HouseholdOverThePort, Pair

from .world import Clock, ModelServer


class Household(HouseholdOverThePort[str]):
    """One model server of each kind named, which is the client of its own account, too."""

    def __init__(
        self, kinds: Mapping[str, ServerType], pairs: Sequence[Pair[str]], rules: PairRules | None = None
    ) -> None:
        """Start without history, all pairs by the same rules."""
        self.clock = Clock()
        super().__init__(dict.fromkeys(pairs, rules or PairRules()), now=self.clock.now, wait=self.clock.wait)
        self.servers = {name: ModelServer(kind, self.clock) for name, kind in kinds.items()}
        self.clients |= self.servers
        self.start()

    @override
    async def round(self, **options: Any) -> dict[Pair[str], Report]:
        """Let players report, and run all pairs."""
        for server in self.servers.values():
            server.tick()
        return await super().round(**options)

    def position(self, name: str, item_id: str) -> int:
        """Return what a server holds."""
        return self.servers[name].holdings[item_id].position_ms
