"""Sensors: what is in progress on an account, and how a pair is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .actions.rights import is_private, is_private_pair
from .actions.rows import Row, decision_row, progress_row
from .data import ResumeSyncConfigEntry
from .entity import SHOWN_ITEMS, AccountEntity, PairEntity
from .pair.coordinator import PairCoordinator
from .pair.status import PairData, PairStatus
from .sync.model import Action, ItemState, Snapshot

PARALLEL_UPDATES = 0

PRIVATE: Final = {"private": True}
"""What is told instead of titles."""

IN_PROGRESS = SensorEntityDescription(
    key="in_progress", translation_key="in_progress", state_class=SensorStateClass.MEASUREMENT
)


@dataclass(frozen=True, kw_only=True)
class PairSensorEntityDescription(SensorEntityDescription):
    """Describes a sensor of a pair."""

    value_fn: Callable[[PairCoordinator], StateType | datetime]
    items_fn: Callable[[PairData], list[Row]] | None = None


def _of_report(count: Callable[[PairData], int]) -> Callable[[PairCoordinator], int | None]:
    """Return a number of the last run; None before the first one."""
    return lambda pair: None if pair.data is None else count(pair.data)


def _last_sync(pair: PairCoordinator) -> datetime | None:
    """Return when the last sync ended that went through."""
    last_sync = pair.state.last_sync
    return None if last_sync is None else dt_util.utc_from_timestamp(last_sync / 1000)


def _duration(pair: PairCoordinator) -> float | None:
    """Return how long the last run took, in seconds; None before the first one."""
    report = pair.data.report if pair.data else None
    return None if report is None else (report.finished_at - report.started_at) / 1000


def _unresolved_items(data: PairData) -> list[Row]:
    """Return the first titles without a counterpart."""
    found = (decision for decision in data.report.decisions if decision.action is Action.UNRESOLVED)
    rows = (decision_row(decision, data) for decision in found)
    shown = ("title", "season", "episode", "year", "from", "reason")
    return [{key: row[key] for key in shown} for row, _ in zip(rows, range(SHOWN_ITEMS), strict=False)]


PAIR_SENSORS = (
    PairSensorEntityDescription(
        key="status",
        translation_key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in PairStatus],
        value_fn=lambda pair: pair.status.value,
    ),
    PairSensorEntityDescription(
        key="pending",
        translation_key="pending",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_of_report(lambda data: data.report.pending),
    ),
    PairSensorEntityDescription(
        key="unresolved",
        translation_key="unresolved",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_of_report(lambda data: data.report.unresolved),
        items_fn=_unresolved_items,
    ),
    PairSensorEntityDescription(
        key="tombstones",
        translation_key="tombstones",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pair: len(pair.state.ledger.tombstones),
    ),
    PairSensorEntityDescription(
        key="last_sync",
        translation_key="last_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_last_sync,
    ),
    PairSensorEntityDescription(
        key="synced_total",
        translation_key="synced_total",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda pair: pair.state.ledger.updated_total,
    ),
    PairSensorEntityDescription(
        key="cleared_total",
        translation_key="cleared_total",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pair: pair.state.ledger.cleared_total,
    ),
    PairSensorEntityDescription(
        key="duration",
        translation_key="duration",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_duration,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the sensors of an account and its pairs."""
    async_add_entities([InProgressSensor(entry.runtime_data.account, IN_PROGRESS)])
    for subentry_id, pair in entry.runtime_data.pairs.items():
        async_add_entities(
            (PairSensor(pair, description) for description in PAIR_SENSORS), config_subentry_id=subentry_id
        )


def _newest_first(snapshot: Snapshot) -> Iterable[ItemState]:
    """Return what is in progress, last played first."""
    return sorted(snapshot.items.values(), key=lambda state: state.last_played_server_ms or 0, reverse=True)


class InProgressSensor(AccountEntity, SensorEntity):
    """How many titles are in progress on an account, and which."""

    _unrecorded_attributes = frozenset({"items"})

    @property
    @override
    def native_value(self) -> int:
        """Return the number of titles."""
        return len(self.coordinator.data.items)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the titles played last; of a private account only that it is one."""
        if is_private(self.coordinator.config_entry):
            return PRIVATE
        newest = list(_newest_first(self.coordinator.data))[:SHOWN_ITEMS]
        return {"items": [progress_row(state) for state in newest]}


class PairSensor(PairEntity, SensorEntity):
    """One fact about a pair."""

    _unrecorded_attributes = frozenset({"items"})
    entity_description: PairSensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the fact."""
        return self.entity_description.value_fn(self.coordinator)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return the first titles behind a number, where there are any; of a private pair only that it is one."""
        items_fn = self.entity_description.items_fn
        if items_fn is None or self.coordinator.data is None:
            return None
        if is_private_pair(self.hass, self.coordinator.config_entry, self.coordinator.subentry):
            return PRIVATE
        return {"items": items_fn(self.coordinator.data)}
