"""What people attach to a report of a problem: everything about how it runs, nothing about who watches what.

Only what is named here gets out. Names, addresses, tokens and ids stay here; a title is a number that nobody can turn
back into the title, the same in all diagnostics of one Home Assistant.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import asdict, fields
from hashlib import blake2b
from typing import Any

from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_TYPE, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import instance_id
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.util import dt as dt_util
from plexapi import VERSION as PLEXAPI_VERSION
from yarl import URL

from .account.coordinator import AccountCoordinator
from .const import DOMAIN, SUBENTRY_TYPE_PAIR
from .data import ResumeSyncConfigEntry
from .errors import cause_of
from .pair.coordinator import PairCoordinator
from .sync.model import Reason, Snapshot
from .sync.plan.decision import Report
from .sync.run.history import History

_SHOWN_DATA = frozenset({CONF_TYPE, CONF_VERIFY_SSL})
_LISTED_DECISIONS = 500

type Json = dict[str, Any]
type NameTitle = Callable[[str], str]


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: ResumeSyncConfigEntry) -> Json:
    """Return how an account and all of its pairs are."""
    diagnostics = {"versions": _versions(), "entry": _entry(entry)}
    if entry.state is not ConfigEntryState.LOADED:
        return diagnostics
    name_title = await _title_names(hass)
    return diagnostics | {
        "account": _account(entry.runtime_data.account),
        "pairs": [_pair(pair, name_title) for pair in entry.runtime_data.pairs.values()],
    }


async def async_get_device_diagnostics(hass: HomeAssistant, entry: ResumeSyncConfigEntry, device: DeviceEntry) -> Json:
    """Return how one pair is, with both of its accounts, or how an account is."""
    if (subentry_id := device.config_subentry_id) is None:
        return await async_get_config_entry_diagnostics(hass, entry)
    diagnostics = {"versions": _versions(), "entry": _entry(entry)}
    if entry.state is not ConfigEntryState.LOADED or subentry_id not in entry.runtime_data.pairs:
        return diagnostics
    pair = entry.runtime_data.pairs[subentry_id]
    return diagnostics | {
        "account": _account(pair.server),
        "peer": _peer(hass, pair),
        "pair": _pair(pair, await _title_names(hass)),
    }


def _versions() -> Json:
    """Return the versions that Home Assistant does not add by itself."""
    return {"plexapi": PLEXAPI_VERSION}


async def _title_names(hass: HomeAssistant) -> NameTitle:
    """Return what stands for a title: without this Home Assistant's secret id nobody can try titles against it."""
    secret = (await instance_id.async_get(hass)).encode()
    return lambda key: blake2b(key.encode(), key=secret[:64], digest_size=6).hexdigest()


def _time(milliseconds: int | None) -> str | None:
    """Return a time as people read it."""
    return None if milliseconds is None else dt_util.utc_from_timestamp(milliseconds / 1000).isoformat()


def _error(coordinator: AccountCoordinator | PairCoordinator) -> str | None:
    """Return which error there is now; its message would name an account."""
    error = None if coordinator.last_update_success else coordinator.last_exception
    if isinstance(error, HomeAssistantError) and error.translation_key:
        return error.translation_key
    return None if error is None else type(error).__name__


def _entry(entry: ResumeSyncConfigEntry) -> Json:
    """Return how an account was added."""
    return {
        "version": f"{entry.version}.{entry.minor_version}",
        "source": entry.source,
        "state": entry.state.value,
        "error": entry.error_reason_translation_key,
        "scheme": URL(entry.data[CONF_URL]).scheme,
        "data": {key: value if key in _SHOWN_DATA else REDACTED for key, value in sorted(entry.data.items())},
        "options": {key: _option(value) for key, value in sorted(entry.options.items())},
        "pairs": len(list(entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR))),
    }


def _option(value: object) -> object:
    """Return an option: switches and numbers as they are, of lists how much is in them."""
    if isinstance(value, bool | int | float | None):
        return value
    return len(value) if isinstance(value, list) else REDACTED


def _account(server: AccountCoordinator) -> Json:
    """Return how an account's server answers, and how much is remembered of it."""
    snapshot, journal = server.account.snapshot, server.account.journal
    return {
        "type": server.info.server_type.value,
        "server_version": server.info.version,
        "reachable": server.last_update_success,
        "error": _error(server),
        "runs": len(server.runs),
        "traits": asdict(server.client.traits),
        "snapshot": None if snapshot is None else _snapshot(snapshot),
        "writes": asdict(server.account.write_counts),
        "journal": _sizes(journal) | _sizes(journal.unseen) | {"read_at": _time(journal.read_at)},
        "history": _history(server.account.history),
    }


def _history(history: History) -> Json:
    """Return how much a history tells."""
    lines = history.lines.values()
    return {
        "lines": len(lines),
        "unconfirmed": sum(not line.confirmed for line in lines),
        "undone": sum(line.undone_at is not None for line in lines),
        "runs": len({line.run_id for line in lines}),
        "known_since": _time(history.known_since),
    }


def _peer(hass: HomeAssistant, pair: PairCoordinator) -> Json | None:
    """Return how the other account of a pair is; None where it is gone."""
    peer: ResumeSyncConfigEntry | None = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, pair.peer)
    if peer is None:
        return None
    entry = {"entry": _entry(peer)}
    return entry | _account(peer.runtime_data.account) if peer.state is ConfigEntryState.LOADED else entry


def _snapshot(snapshot: Snapshot) -> Json:
    """Return how the last listing was."""
    return {
        "read_at": _time(snapshot.read_at),
        "skew_ms": snapshot.skew_ms,
        "in_progress": len(snapshot.items),
        "without_date": sum(state.last_played_server_ms is None for state in snapshot.items.values()),
        "without_ids": sum(not state.item.ids for state in snapshot.items.values()),
        "not_understood": dict(Counter(row.reason for row in snapshot.unknown.values())),
        "nameless_rows": snapshot.nameless_rows,
        "other_rows": snapshot.other_rows,
    }


def _sizes(remembered: Any) -> Json:
    """Return how many of each thing a journal or a ledger holds."""
    values = {field.name: getattr(remembered, field.name) for field in fields(remembered)}
    return {
        name: len(value)
        for name, value in values.items()
        if isinstance(value, Collection) and not isinstance(value, str)
    }


def _pair(pair: PairCoordinator, name_title: NameTitle) -> Json:
    """Return how a pair is, and what came of its last run."""
    ledger = pair.state.ledger
    return {
        "rules": asdict(pair.rules),
        "automatic": pair.state.automatic,
        "status": pair.status.value,
        "problem": pair.has_problem,
        "error": _error(pair),
        "last_sync": _time(pair.state.last_sync),
        "next_run_in": None if pair.update_interval is None else pair.update_interval.total_seconds(),
        "updated_total": ledger.updated_total,
        "cleared_total": ledger.cleared_total,
        "ledger": _sizes(ledger)
        | {
            "started_at": _time(ledger.started_at),
            "approved": ledger.approved,
            "mirror_agreed_at": _time(ledger.mirror_agreed_at),
        },
        "last_run": None if pair.data is None else _report(pair.data.report, name_title),
    }


def _report(report: Report, name_title: NameTitle) -> Json:
    """Return what a run did or planned: how many titles for which reason, and which, without telling their names."""
    told = [decision for decision in report.decisions if decision.reason is not Reason.IN_SYNC]
    return {
        "started_at": _time(report.started_at),
        "seconds": (report.finished_at - report.started_at) / 1000,
        "applied": report.applied,
        "confirm_at": _time(report.confirm_at),
        "updated": report.updated,
        "cleared": report.cleared,
        "waiting": report.waiting,
        "unresolved": report.unresolved,
        "held": report.held,
        "failures": [type(cause_of(failure)).__name__ for failure in report.failures],
        "reasons": dict(sorted(Counter(decision.reason.value for decision in report.decisions).items())),
        "titles": [
            {"title": name_title(decision.key), "action": decision.action.value, "reason": decision.reason.value}
            for decision in told[:_LISTED_DECISIONS]
        ],
    }
