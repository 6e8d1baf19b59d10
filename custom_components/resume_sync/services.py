"""The actions: sync and preview pairs, and ask for what the last run left open."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, device_registry as dr, service
import voluptuous as vol

from .const import DOMAIN, SUBENTRY_TYPE_PAIR
from .coordinator import PairCoordinator, PairData, PairStatus, ResumeSyncConfigEntry
from .pair_run import RunRequest
from .rounds import now
from .rows import Row, decision_rows, tombstone_rows, unresolved_rows
from .sync.model import Side
from .sync.runner import RunMode

SERVICE_SYNC = "sync"
SERVICE_PREVIEW = "preview"
SERVICE_GET_UNRESOLVED = "get_unresolved"
SERVICE_GET_TOMBSTONES = "get_tombstones"
SERVICE_CLEAR_TOMBSTONES = "clear_tombstones"

ATTR_FULL = "full"
ATTR_APPROVE = "approve"

PAIRS_SCHEMA = vol.Schema({vol.Optional(ATTR_DEVICE_ID, default=list): vol.All(cv.ensure_list, [cv.string])})
SYNC_SCHEMA = PAIRS_SCHEMA.extend(
    {
        vol.Optional(ATTR_FULL, default=False): cv.boolean,
        vol.Optional(ATTR_APPROVE, default=False): cv.boolean,
    }
)


@dataclass(frozen=True, slots=True)
class AskedPair:
    """A pair that an action was called for."""

    entry: ResumeSyncConfigEntry
    subentry: ConfigSubentry
    device_id: str | None

    @property
    def coordinator(self) -> PairCoordinator:
        """Return the running pair; raises ServiceValidationError where its account is not set up."""
        if self.entry.state is not ConfigEntryState.LOADED:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="pair_not_loaded",
                translation_placeholders={"pair": self.subentry.title},
            )
        return self.entry.runtime_data.pairs[self.subentry.subentry_id]

    @property
    def name_row(self) -> Row:
        """Return how responses name the pair."""
        return {"device_id": self.device_id, "name": self.subentry.title}


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


async def _async_sync(call: ServiceCall) -> ServiceResponse:
    """Sync pairs from fresh listings, which they share; fails only when not one pair could be synced."""
    if call.data[ATTR_APPROVE]:
        await _async_require_admin(call)
    request = RunRequest(
        mode=RunMode.SYNC, not_before=now(), full=call.data[ATTR_FULL], approve=call.data[ATTR_APPROVE]
    )
    return await _async_run(call, lambda pair: pair.async_sync_as(request), every_decision=False)


async def _async_preview(call: ServiceCall) -> ServiceResponse:
    """Tell what a sync would do now."""
    not_before = now()
    return await _async_run(call, lambda pair: pair.async_preview(not_before), every_decision=True)


async def _async_get_unresolved(call: ServiceCall) -> ServiceResponse:
    """Return the titles that the last runs found no counterpart of."""
    return {
        "pairs": [
            pair.name_row | {"items": unresolved_rows(data) if (data := pair.coordinator.data) else []}
            for pair in _asked_pairs(call, only_loaded=True)
        ]
    }


async def _async_get_tombstones(call: ServiceCall) -> ServiceResponse:
    """Return the removals that wait for their confirming run."""
    return {
        "pairs": [
            pair.name_row | {"items": _tombstone_rows(pair.coordinator)}
            for pair in _asked_pairs(call, only_loaded=True)
        ]
    }


async def _async_clear_tombstones(call: ServiceCall) -> None:
    """Forget the removals that wait for their confirming run."""
    for pair in _asked_pairs(call, only_loaded=True):
        await pair.coordinator.async_clear_tombstones()


async def _async_run(
    call: ServiceCall, run: Callable[[PairCoordinator], Awaitable[PairData]], *, every_decision: bool
) -> ServiceResponse:
    """Run every pair that was asked for, and return a row for each; fails only when all of them failed."""
    pairs = _asked_pairs(call)
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


@callback
def _asked_pairs(call: ServiceCall, *, only_loaded: bool = False) -> list[AskedPair]:
    """Return the pairs of the devices that an action was called for; all pairs where none was named.

    Raises ServiceValidationError for a device that is no pair. `only_loaded` leaves out, of all pairs, those whose
    account is not set up.
    """
    hass = call.hass
    if device_ids := call.data[ATTR_DEVICE_ID]:
        return [_asked_pair(hass, device_id) for device_id in dict.fromkeys(device_ids)]
    entries: Iterable[ResumeSyncConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    return [
        AskedPair(entry, subentry, _device_id(hass, entry, subentry))
        for entry in entries
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)
        if not only_loaded or entry.state is ConfigEntryState.LOADED
    ]


@callback
def _asked_pair(hass: HomeAssistant, device_id: str) -> AskedPair:
    """Return the pair of a device."""
    device = dr.async_get(hass).async_get(device_id)
    entry = hass.config_entries.async_get_entry(device.config_entry_id) if device and device.config_entry_id else None
    subentry = entry.subentries.get(device.config_subentry_id or "") if entry and device else None
    if entry is None or subentry is None or entry.domain != DOMAIN:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_pair",
            translation_placeholders={"device_id": device_id},
        )
    return AskedPair(entry, subentry, device_id)


@callback
def _device_id(hass: HomeAssistant, entry: ResumeSyncConfigEntry, subentry: ConfigSubentry) -> str | None:
    """Return the id of a pair's device; None before its account was ever set up with it."""
    identifier = (DOMAIN, subentry.subentry_id)
    return dr.async_get_device_id_by_identifier(hass, identifier, config_entry_id=entry.entry_id)


async def _async_require_admin(call: ServiceCall) -> None:
    """Raise Unauthorized unless an administrator calls; automations act for nobody and may."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if not user.is_admin:
        raise Unauthorized(context=call.context)
