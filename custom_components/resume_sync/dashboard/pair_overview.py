"""Everything about one pair that its card shows besides the states of its entities."""

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_TYPE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..actions.rows import Row, named_decision_row, tombstone_rows
from ..const import CONF_DIRECTION, CONF_PEER, DOMAIN
from ..data import ResumeSyncConfigEntry
from ..entity import SHOWN_ITEMS
from ..labels import shown_time
from ..pair.coordinator import PairCoordinator
from ..sync.ledger import item_key
from ..sync.model import Action, Side
from ..sync.plan.decision import Decision

_OPEN = (Action.UNRESOLVED, Action.WAIT)


def pair_overview(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, subentry: ConfigSubentry, *, with_titles: bool
) -> Row:
    """Return how a pair is; without `loaded` only what is known of it while its account is not set up."""
    peer = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, subentry.data[CONF_PEER])
    overview: Row = {
        "name": subentry.title,
        "direction": subentry.data[CONF_DIRECTION],
        "accounts": [
            None if account is None else {"name": account.title, "type": account.data[CONF_TYPE]}
            for account in (entry, peer)
        ],
        "private": not with_titles,
        "loaded": entry.state is ConfigEntryState.LOADED,
    }
    if not overview["loaded"]:
        return overview
    pair = entry.runtime_data.pairs[subentry.subentry_id]
    return overview | _running(pair) | (_titles(pair) if with_titles else _NO_TITLES)


_NO_TITLES: Row = {"removals": [], "open": [], "recent": []}


def _running(pair: PairCoordinator) -> Row:
    """Return how a pair is that is set up, titles aside."""
    return {
        "next_run": _time(pair.next_run_at) if pair.state.automatic else None,
        "error": _error(pair),
        "removals_total": len(pair.state.ledger.tombstones),
    }


def _titles(pair: PairCoordinator) -> Row:
    """Return the titles of a pair that is set up: what will be removed, what is open, and what was done last."""
    left, right = pair.account_names
    names = {Side.LEFT: left, Side.RIGHT: right}
    return {
        "removals": tombstone_rows(pair.state.ledger.tombstones[:SHOWN_ITEMS], names),
        "open": _open_rows(pair, names),
        "recent": [
            named_decision_row(title.decision, names) | {"at": shown_time(title.at)}
            for title in pair.state.recent.titles
        ],
    }


def _open_rows(pair: PairCoordinator, names: dict[Side, str]) -> list[Row]:
    """Return the titles that the last run left unresolved, with since when, or waiting; as many as attributes list."""
    if pair.data is None:
        return []
    decisions = [decision for action in _OPEN for decision in pair.data.report.decisions if decision.action is action]
    since = pair.state.ledger.unresolved_since
    return [
        named_decision_row(decision, names) | {"at": _time(since.get(_item(decision)))}
        for decision in decisions[:SHOWN_ITEMS]
    ]


def _item(decision: Decision) -> str:
    """Return how the ledger names the item that a decision is about."""
    return item_key(decision.source, decision.source_item_id)


def _time(milliseconds: int | None) -> str | None:
    """Return a time as actions return it."""
    return None if milliseconds is None else shown_time(milliseconds)


def _error(pair: PairCoordinator) -> Row | None:
    """Return why the last run could not be made: a text, and how browsers find it in their language."""
    error = None if pair.last_update_success else pair.last_exception
    if not isinstance(error, HomeAssistantError):
        return None
    return {"message": str(error), "key": error.translation_key, "placeholders": error.translation_placeholders or {}}
