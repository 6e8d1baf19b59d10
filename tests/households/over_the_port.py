"""A household over the port: accounts and pairs that the core runs, and a disk that survives it."""

from collections.abc import Awaitable, Callable, Mapping
import json
from typing import Any

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.media_server import MediaServer
from custom_components.resume_sync.sync.model import PairRules
from custom_components.resume_sync.sync.plan.decision import Report
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.history import History
from custom_components.resume_sync.sync.run.runner import RunMode, run

SECONDS_BETWEEN_PAIRS = 1.5

type Pair[N] = tuple[N, N]
type Save = Callable[[], Awaitable[None]]
type Engine = Callable[..., Awaitable[Report]]
"""Runs a pair once, called as the product's own `run`, or as something to compare it with."""


class Household[N: (str, tuple[str, str])]:
    """Accounts by name, each over a client of its server, and pairs of them.

    `disk` is what survives a loss of power, one text for each account: its journal and its history, and the ledgers of
    the pairs that it is the left side of. `saves` counts how often a run saved.
    """

    def __init__(
        self,
        rules: Mapping[Pair[N], PairRules],
        *,
        now: Callable[[], int],
        wait: Callable[[float], None],
        engine: Engine = run,
    ) -> None:
        """Take the pairs. `now` tells the time in epoch milliseconds, `wait` lets seconds pass."""
        self.rules: dict[Pair[N], PairRules] = dict(rules)
        self.now = now
        self.wait = wait
        self.clients: dict[N, MediaServer] = {}
        self.accounts: dict[N, Account] = {}
        self.ledgers: dict[Pair[N], Ledger] = {}
        self.disk: dict[N, str] = {}
        self.saves = 0
        self._engine = engine
        self._runs = 0

    def start(self) -> None:
        """Start from what is on the disk, as after a loss of power: clients know nothing either."""
        self.ledgers = {}
        for name, client in self.clients.items():
            client.forget()
            stored = json.loads(self.disk.get(name, '{"journal": {}, "pairs": {}}'))
            called = name if isinstance(name, str) else "/".join(name)
            journal, history = Journal.from_dict(stored["journal"]), History.from_dict(stored.get("history", {}))
            self.accounts[name] = Account(called, called, client, journal, history=history)
            for pair in self._pairs_of(name):
                self.ledgers[pair] = Ledger.from_dict(stored["pairs"].get(str(pair), {}))

    def encoded(self, name: N) -> str:
        """Return an account's state as it is stored."""
        pairs = {str(pair): self.ledgers[pair].to_dict() for pair in self._pairs_of(name)}
        account = self.accounts[name]
        stored = {"journal": account.journal.to_dict(), "history": account.history.to_dict(), "pairs": pairs}
        return json.dumps(stored, sort_keys=True)

    def write(self, name: N) -> None:
        """Write an account's state to the disk."""
        self.disk[name] = self.encoded(name)

    async def save(self) -> None:
        """Write all state to the disk."""
        self.saves += 1
        for name in self.accounts:
            self.write(name)

    async def run_pair(
        self,
        pair: Pair[N],
        mode: RunMode = RunMode.SYNC,
        *,
        not_before: int | None = None,
        save: Save | None = None,
        **options: Any,
    ) -> Report:
        """Run one pair; accounts are read unless that was done at `not_before` or later."""
        left, right = pair
        self._runs += 1
        return await self._engine(
            self.accounts[left],
            self.accounts[right],
            self.rules[pair],
            self.ledgers[pair],
            now=self.now,
            save=save or self.save,
            not_before=self.now() if not_before is None else not_before,
            mode=mode,
            run_id=f"run {self._runs}",
            pair_id=str(pair),
            **options,
        )

    async def round(self, **options: Any) -> dict[Pair[N], Report]:
        """Run all pairs, as the automatic sync does: an account is read once in a round."""
        start = self.now()
        reports = {}
        for pair in self.rules:
            reports[pair] = await self.run_pair(pair, not_before=start, **options)
            self.wait(SECONDS_BETWEEN_PAIRS)
        return reports

    def _pairs_of(self, left: N) -> list[Pair[N]]:
        """Return the pairs that an account is the left side of."""
        return [pair for pair in self.rules if pair[0] == left]
