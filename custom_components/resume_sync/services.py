"""The actions: sync and preview pairs, and ask for what the last run left open."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, service
import voluptuous as vol

from .account.rounds import now
from .actions.asked_pairs import PAIRS_SCHEMA, AskedPair, asked_pairs
from .actions.by_hand import async_setup_services_by_hand
from .actions.rows import Row, decision_rows, tombstone_rows, unresolved_row
from .const import DOMAIN
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
    service.async_register_admin_service(hass, DOMAIN, SERVICE_CLEAR_TOMBSTONES, _async_clear_tombstones, PAIRS_SCHEMA)
    async_setup_services_by_hand(hass)


async def _async_sync(call: ServiceCall) -> ServiceResponse:
    """Sync pairs from fresh listings, which they share; fails only when not one pair could be synced."""
    if call.data[ATTR_APPROVE]:
        await _async_require_admin(call)
    approval = Approval.EVERYTHING if call.data[ATTR_APPROVE] else Approval.NOTHING
    request = RunRequest(mode=RunMode.SYNC, not_before=now(), full=call.data[ATTR_FULL], approval=approval)
    return await _async_run(call, lambda pair: pair.async_sync_as(request), every_decision=False)


async def _async_preview(call: ServiceCall) -> ServiceResponse:
    """Tell what a sync would do now."""
    not_before = now()
    return await _async_run(call, lambda pair: pair.async_preview(not_before), every_decision=True)


async def _async_get_unresolved(call: ServiceCall) -> ServiceResponse:
    """Return the titles that the last runs found no counterpart of, with items that they might be."""
    return {
        "pairs": [
            pair.name_row | {"items": await _async_unresolved_rows(pair.coordinator)}
            for pair in asked_pairs(call, only_loaded=True)
        ]
    }


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
            pair.name_row | {"items": _tombstone_rows(pair.coordinator)} for pair in asked_pairs(call, only_loaded=True)
        ]
    }


async def _async_clear_tombstones(call: ServiceCall) -> None:
    """Forget the removals that wait for their confirming run."""
    for pair in asked_pairs(call, only_loaded=True):
        await pair.coordinator.async_clear_tombstones()


async def _async_run(
    call: ServiceCall, run: Callable[[PairCoordinator], Awaitable[PairData]], *, every_decision: bool
) -> ServiceResponse:
    """Run every pair that was asked for, and return a row for each; fails only when all of them failed."""
    pairs = asked_pairs(call)
    if not pairs:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_pairs")

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
            _failed_row(pair, one) if isinstance(one, BaseException) else _done_row(pair, one, every=every_decision)
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


def _done_row(pair: AskedPair, data: PairData, *, every: bool) -> Row:
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
        "items": decision_rows(data, every=every),
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
        "items": [],
    }


def _tombstone_rows(pair: PairCoordinator) -> list[Row]:
    """Return the waiting removals of a pair."""
    left, right = pair.account_names
    return tombstone_rows(pair.state.ledger.tombstones, {Side.LEFT: left, Side.RIGHT: right})


async def _async_require_admin(call: ServiceCall) -> None:
    """Raise Unauthorized unless an administrator calls; automations act for nobody and may."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if not user.is_admin:
        raise Unauthorized(context=call.context)
