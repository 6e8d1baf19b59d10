"""What the next run of a pair would do, for somebody who is about to add or change the pair."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..account.loaded import loaded_account
from ..account.rounds import now
from ..const import CONF_PEER, SUBENTRY_TYPE_PAIR
from ..sync.ledger import Ledger
from ..sync.model import PairRules
from ..sync.plan.brake import Approval
from ..sync.plan.decision import Report
from ..sync.run.runner import RunMode
from .run import RunPair, RunRequest, async_run_pair


async def async_preview(hass: HomeAssistant, entry: ConfigEntry, peer_entry: ConfigEntry, rules: PairRules) -> Report:
    """Return what the next run of a pair would do under these rules, whether the pair exists yet or not.

    It is shown to somebody who may then let it sync: the many titles of a first run are not held back. Leaves no trace.
    Raises HomeAssistantError, translated, where an account is not loaded or a read fails.
    """
    left, right = (loaded_account(hass, one) for one in (entry, peer_entry))
    known = (
        left.store.pairs[pair.subentry_id].ledger
        for pair in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)
        if pair.data[CONF_PEER] == peer_entry.unique_id and pair.subentry_id in left.store.pairs
    )
    pair = RunPair(f"{entry.title} ⇄ {peer_entry.title}", left, right, rules, next(known, Ledger()), "")
    request = RunRequest(mode=RunMode.PREVIEW, not_before=now(), approval=Approval.FIRST_SYNC)
    return await async_run_pair(hass, pair, request)
