"""The coordinators of accounts and pairs, and what the pair flow needs of them."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

from .account_coordinator import ResumeSyncConfigEntry, ResumeSyncData, ServerCoordinator
from .errors import RunFailed
from .pair_coordinator import PairCoordinator
from .pair_run import RunPair, RunRequest, async_run_pair
from .pair_status import PairData, PairStatus
from .rounds import now
from .sync.ledger import Ledger
from .sync.model import PairRules
from .sync.plan.brake import Approval
from .sync.plan.decision import Report
from .sync.run.runner import RunMode

__all__ = [
    "PairCoordinator",
    "PairData",
    "PairStatus",
    "ResumeSyncConfigEntry",
    "ResumeSyncData",
    "ServerCoordinator",
    "async_preview",
]


async def async_preview(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, peer_entry: ResumeSyncConfigEntry, rules: PairRules
) -> Report:
    """Return what the next run of a pair would do under these rules, whether the pair exists yet or not.

    It is shown to somebody who may then let it sync: the many titles of a first run are not held back. Leaves no trace.
    Raises HomeAssistantError, translated, where an account is not loaded or a read fails.
    """
    left, right = (_loaded_server(account) for account in (entry, peer_entry))
    pairs = entry.runtime_data.pairs.values()
    ledger = next((pair.state.ledger for pair in pairs if pair.peer == peer_entry.unique_id), Ledger())
    pair = RunPair(f"{entry.title} ⇄ {peer_entry.title}", left, right, rules, ledger)
    request = RunRequest(mode=RunMode.PREVIEW, not_before=now(), approval=Approval.FIRST_SYNC)
    return await async_run_pair(hass, pair, request)


def _loaded_server(entry: ConfigEntry[ResumeSyncData]) -> ServerCoordinator:
    """Return an account's server; raises RunFailed where the account is not set up."""
    if entry.state is not ConfigEntryState.LOADED:
        raise RunFailed("account_not_loaded", {"account": entry.title}, waiting=True)
    return entry.runtime_data.server
