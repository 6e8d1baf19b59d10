"""The actions: sync and preview pairs, and ask for what the last run left open."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .account.rounds import now
from .actions.asked_pairs import PAIRS_SCHEMA, AskedPair, asked_pairs
from .actions.by_hand import async_setup_services_by_hand
from .actions.decide import async_setup_decide
from .actions.history import async_setup_history
from .actions.rights import Caller
from .actions.rows import Row, decision_rows, tombstone_rows, unresolved_row
from .const import DOMAIN
from .errors import refused
from .pair.candidates import async_candidates
from .pair.coordinator import PairCoordinator
from .pair.run import RunRequest
from .pair.status import PairData, PairStatus
from .pair.unresolved import unresolved_titles
from .sync.model import Side
from .sync.plan.brake import Approval
from .sync.run.runner import RunMode

SERVICE_SYNC = "sync"
SERVICE_PREVIEW = "preview"
SERVICE_GET_UNRESOLVED = "get_unresolved"
SERVICE_GET_TOMBSTONES = "get_tombstones"
SERVICE_CLEAR_TOMBSTONES = "clear_tombstones"

ATTR_FULL = "full"
ATTR_APPROVE = "approve"

SYNC_SCHEMA = PAIRS_SCHEMA.extend(
    {
        vol.Optional(ATTR_FULL, default=False): cv.boolean,
        vol.Optional(ATTR_APPROVE, default=False): cv.boolean,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action in (
        (SERVICE_PREVIEW, _async_preview),
        (SERVICE_GET_UNRESOLVED, _async_get_unresolved),
        (SERVICE_GET_TOMBSTONES, _async_get_tombstones),
    ):
        hass.services.async_register(DOMAIN, name, action, PAIRS_SCHEMA, SupportsResponse.ONLY)
    hass.services.async_register(DOMAIN, SERVICE_SYNC, _async_sync, SYNC_SCHEMA, SupportsResponse.OPTIONAL)
    hass.services.async_register(DOMAIN, SERVICE_CLEAR_TOMBSTONES, _async_clear_tombstones, PAIRS_SCHEMA)
    async_setup_services_by_hand(hass)
    async_setup_decide(hass)
    async_setup_history(hass)


async def _async_sync(call: ServiceCall) -> ServiceResponse:
    """Sync pairs from fresh listings, which they share; fails only when not one pair could be synced."""
    caller = await Caller.of_action(call)
    if call.data[ATTR_APPROVE] or call.data[ATTR_FULL]:
        caller.require(allowed=caller.may_administer)
    approval = Approval.EVERYTHING if call.data[ATTR_APPROVE] else Approval.NOTHING
    request = RunRequest(mode=RunMode.SYNC, not_before=now(), full=call.data[ATTR_FULL], approval=approval)
    pairs = asked_pairs(call, lambda pair: caller.may_sync(pair.subentry))

    def rows(pair: AskedPair, data: PairData) -> list[Row]:
        return decision_rows(data) if caller.may_see_pair(pair.entry, pair.subentry) else []

    return await _async_run(pairs, lambda pair: pair.async_sync_as(request), rows)


async def _async_preview(call: ServiceCall) -> ServiceResponse:
    """Tell what a sync would do now."""
    not_before = now()
    pairs = await _async_seen_pairs(call)
    return await _async_run(
        pairs, lambda pair: pair.async_preview(not_before), lambda _, data: decision_rows(data, every=True)
    )


async def _async_get_unresolved(call: ServiceCall) -> ServiceResponse:
    """Return the titles that the last runs found no counterpart of, with items that they might be."""
    return {
        "pairs": [
            pair.name_row | {"items": await _async_unresolved_rows(pair.coordinator)}
            for pair in await _async_seen_pairs(call, only_loaded=True)
        ]
    }


async def _async_seen_pairs(call: ServiceCall, *, only_loaded: bool = False) -> list[AskedPair]:
    """Return the pairs that were asked for, of which the caller may see the titles."""
    caller = await Caller.of_action(call)
    return asked_pairs(call, lambda pair: caller.may_see_pair(pair.entry, pair.subentry), only_loaded=only_loaded)


async def _async_unresolved_rows(pair: PairCoordinator) -> list[Row]:
    """Return the titles of a pair without a counterpart."""
    if (data := pair.data) is None:
        return []
    titles = unresolved_titles(data.report, pair.state.ledger)
    candidates = await async_candidates(pair, [title.decision for title in titles])
    return [unresolved_row(title, data, candidates.get(title.key, ())) for title in titles]


async def _async_get_tombstones(call: ServiceCall) -> ServiceResponse:
    """Return the removals that wait for their confirming run."""
    return {
        "pairs": [
            pair.name_row | {"items": _tombstone_rows(pair.coordinator)}
            for pair in await _async_seen_pairs(call, only_loaded=True)
        ]
    }


async def _async_clear_tombstones(call: ServiceCall) -> None:
    """Forget the removals that wait for their confirming run."""
    caller = await Caller.of_action(call)
    for pair in asked_pairs(call, lambda _: caller.may_administer, only_loaded=True):
        await pair.coordinator.async_clear_tombstones()


async def _async_run(
    pairs: Sequence[AskedPair],
    run: Callable[[PairCoordinator], Awaitable[PairData]],
    rows: Callable[[AskedPair, PairData], list[Row]],
) -> ServiceResponse:
    """Run pairs, and return what came of each, with the `rows` of its titles; fails only when all of them failed."""
    if not pairs:
        raise refused("no_pairs")

    async def outcome(pair: AskedPair) -> PairData:
        return await run(pair.coordinator)

    outcomes = await asyncio.gather(*(outcome(pair) for pair in pairs), return_exceptions=True)
    errors = [one for one in outcomes if isinstance(one, BaseException)]
    for error in errors:
        if not isinstance(error, HomeAssistantError):
            raise error
    if len(errors) == len(pairs):
        raise _all_failed(errors) from errors[0]
    return {
        "pairs": [
            _failed_row(pair, one) if isinstance(one, BaseException) else _done_row(pair, one, rows(pair, one))
            for pair, one in zip(pairs, outcomes, strict=True)
        ]
    }


def _all_failed(errors: Sequence[BaseException]) -> HomeAssistantError:
    """Return the error of an action of which nothing worked, with each reason once."""
    reasons = dict.fromkeys(str(error) for error in errors)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="sync_failed",
        translation_placeholders={"errors": " ".join(reasons)},
    )


def _done_row(pair: AskedPair, data: PairData, items: list[Row]) -> Row:
    """Return what a run did with a pair."""
    report = data.report
    return pair.name_row | {
        "status": pair.coordinator.status.value,
        "error": None,
        "updated": report.updated,
        "cleared": report.cleared,
        "waiting": report.waiting,
        "unresolved": report.unresolved,
        "skipped": {reason.value: count for reason, count in report.skipped.items()},
        "duration": (report.finished_at - report.started_at) / 1000,
        "run_id": report.run_id,
        "items": items,
    }


def _failed_row(pair: AskedPair, error: BaseException) -> Row:
    """Return why nothing could be done with a pair."""
    is_loaded = pair.entry.state is ConfigEntryState.LOADED
    return pair.name_row | {
        "status": (pair.coordinator.status if is_loaded else PairStatus.WAITING).value,
        "error": str(error),
        "updated": 0,
        "cleared": 0,
        "waiting": 0,
        "unresolved": 0,
        "skipped": {},
        "duration": 0.0,
        "run_id": None,
        "items": [],
    }


def _tombstone_rows(pair: PairCoordinator) -> list[Row]:
    """Return the waiting removals of a pair."""
    left, right = pair.account_names
    return tombstone_rows(pair.state.ledger.tombstones, {Side.LEFT: left, Side.RIGHT: right})
