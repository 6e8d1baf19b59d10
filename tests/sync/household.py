"""A household in the model: accounts, pairs, Home Assistant that can lose power, and the truth about its viewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
from typing import Any

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Direction, PairRules, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError, Report
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import RunMode, run

from .world import Clock, ModelServer


@dataclass(slots=True)
class Household:
    """Servers, the pairs between them, and one Home Assistant whose storage survives its crashes."""

    clock: Clock
    servers: dict[str, ModelServer]
    pairs: dict[tuple[str, str], PairRules]
    accounts: dict[str, Account] = field(default_factory=dict)
    ledgers: dict[tuple[str, str], Ledger] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, kinds: Mapping[str, ServerType], pairs: Sequence[tuple[str, str]], rules: PairRules | None = None
    ) -> Household:
        """Return a household with one server of each kind named, all pairs obeying the same rules."""
        clock = Clock()
        servers = {name: ModelServer(kind, clock) for name, kind in kinds.items()}
        household = cls(clock, servers, dict.fromkeys(pairs, rules or PairRules(direction=Direction.TWO_WAY)))
        household.start()
        return household

    def start(self) -> None:
        """Start Home Assistant from what is stored."""
        self.accounts = {
            name: Account(name, name, server, Journal.from_dict(self.stored.get(name, {})))
            for name, server in self.servers.items()
        }
        self.ledgers = {pair: Ledger.from_dict(self.stored.get("-".join(pair), {})) for pair in self.pairs}

    async def save(self) -> None:
        """Store the state, as JSON."""
        state = {name: account.journal.to_dict() for name, account in self.accounts.items()}
        state |= {"-".join(pair): ledger.to_dict() for pair, ledger in self.ledgers.items()}
        self.stored = json.loads(json.dumps(state))

    async def run_pair(
        self, pair: tuple[str, str], mode: RunMode = RunMode.SYNC, *, not_before: int | None = None, **options: Any
    ) -> Report:
        """Run one pair."""
        left, right = pair
        return await run(
            self.accounts[left],
            self.accounts[right],
            self.pairs[pair],
            self.ledgers[pair],
            now=self.clock.now,
            save=self.save,
            not_before=self.clock.time if not_before is None else not_before,
            mode=mode,
            **options,
        )

    async def round(self) -> list[Report | None]:
        """Run every pair once, as the automatic sync does: an account is read once; a failed pair is left for later."""
        reports: list[Report | None] = []
        for server in self.servers.values():
            server.tick()
        start = self.clock.time
        for pair in list(self.pairs):
            try:
                reports.append(await self.run_pair(pair, not_before=start))
            except* AccountError:
                reports.append(None)
            self.clock.time += 1500
        return reports

    def position(self, name: str, item_id: str) -> int:
        """Return what a server holds."""
        return self.servers[name].holdings[item_id].position_ms
