"""One run over two accounts of Home Assistant."""

from collections.abc import Callable
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.util.ulid import ulid_now

from ..account.coordinator import AccountCoordinator
from ..account.exclusive import account_failed, async_exclusive, save_all
from ..account.loaded import loaded_accounts
from ..account.rounds import now
from ..errors import RunFailed
from ..sync.ledger import Ledger
from ..sync.model import PairRules
from ..sync.plan.brake import Approval
from ..sync.plan.decision import AccountError, Report
from ..sync.run.clock_step import step_back
from ..sync.run.runner import RunMode, run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """How a run is to be made.

    `not_before`: a listing that left earlier has to be read anew. `automatic`: nobody waits for the run, so that a
    server that is known to fail is spared.
    """

    mode: RunMode
    not_before: int
    full: bool = False
    approval: Approval = Approval.NOTHING
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class RunPair:
    """What a run works on: two loaded accounts, the pair's id, its name for messages, its rules and its ledger."""

    name: str
    left: AccountCoordinator
    right: AccountCoordinator
    rules: PairRules
    ledger: Ledger
    pair_id: str

    @property
    def servers(self) -> tuple[AccountCoordinator, AccountCoordinator]:
        """Both accounts."""
        return self.left, self.right


async def async_run_pair(
    hass: HomeAssistant, pair: RunPair, request: RunRequest, on_write: Callable[[], None] = lambda: None
) -> Report:
    """Run a pair once; raises RunFailed. `on_write` is called when there is something to write to a server.

    Unloading either account ends the run first.
    """
    report = await async_exclusive(
        hass,
        pair.servers,
        lambda: _run(hass, pair, request, on_write),
        what=f"{request.mode} run",
        interrupted=RunFailed("run_interrupted", {"pair": pair.name}, waiting=True),
    )
    if request.mode is not RunMode.PREVIEW:
        for server in pair.servers:
            server.async_publish()
    for failure in report.failures:
        account_failed(pair.servers, failure)
    return report


async def _run(hass: HomeAssistant, pair: RunPair, request: RunRequest, on_write: Callable[[], None]) -> Report:
    """Run, unless an automatic run can spare a server that is known to fail."""
    started_at = now()

    async def save() -> None:
        writes = [write for server in pair.servers for write in server.account.journal.unseen]
        if any(write.made_at >= started_at for write in writes):
            on_write()
        await save_all(pair.servers)

    if request.mode is not RunMode.PREVIEW:
        await _step_back(hass)
    for server in pair.servers if request.automatic else ():
        if (error := server.known_error(request.not_before)) is not None:
            raise AccountError(server.account.account_id, error)
    return await run(
        pair.left.account,
        pair.right.account,
        pair.rules,
        pair.ledger,
        now=now,
        save=save,
        not_before=request.not_before,
        mode=request.mode,
        full=request.full,
        approval=request.approval,
        run_id=ulid_now(),
        pair_id=pair.pair_id,
    )


async def _step_back(hass: HomeAssistant) -> None:
    """Bring the stored times of all accounts into line with a clock that was set back, before any of them is used.

    All at once, and saved: an account left out could pass off older edits as newer when its turn comes.
    """
    servers = loaded_accounts(hass)
    ledgers = [pair.ledger for server in servers for pair in server.store.pairs.values()]
    histories = [server.account.history for server in servers]
    if step_back([server.account.journal for server in servers], ledgers, now(), histories):
        await save_all(servers)
