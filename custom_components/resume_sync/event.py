"""Events: what came of each sync of a pair, and what happened to each title."""

from enum import StrEnum
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription, EventExtraStoredData
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions.rights import is_private_pair
from .data import ResumeSyncConfigEntry
from .entity import PairEntity
from .labels import shown_title
from .pair.outcome import RunOutcome
from .sync.model import Action, Reason
from .sync.plan.decision import Decision
from .sync.run.runner import RunMode

PARALLEL_UPDATES = 0

MOST_TITLES = 50
"""How many titles of one run are told one by one; the event of the run itself has the numbers."""

_OF_THE_TITLE: Final[dict[str, Any]] = dict.fromkeys(("title", "media_type", "position", "percent"))
"""The attributes that tell which title an event is about, without what they tell."""


class SyncEvent(StrEnum):
    """What came of a sync."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"


class ProgressEvent(StrEnum):
    """What happened to a title."""

    UPDATED = "updated"
    CLEARED = "cleared"
    CONFLICT = "conflict"
    UNRESOLVED = "unresolved"
    PUT_BACK = "put_back"
    HIDDEN = "hidden"
    STARTED_BEHIND = "started_behind"
    DISTURBED = "disturbed"


SYNC = EventEntityDescription(key="sync", translation_key="sync", event_types=[event.value for event in SyncEvent])
PROGRESS = EventEntityDescription(
    key="progress", translation_key="progress", event_types=[event.value for event in ProgressEvent]
)


async def async_setup_entry(
    hass: HomeAssistant, entry: ResumeSyncConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the events of each pair."""
    for subentry_id, pair in entry.runtime_data.pairs.items():
        async_add_entities(
            [SyncEventEntity(pair, SYNC), ProgressEventEntity(pair, PROGRESS)], config_subentry_id=subentry_id
        )


class OutcomeEventEntity(PairEntity, EventEntity):
    """An event that is fired when a run of the pair has ended."""

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of each run."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_outcome_listener(self._async_run_ended))

    @callback
    def _async_run_ended(self, outcome: RunOutcome) -> None:
        """Fire what there is to tell of a run."""
        raise NotImplementedError


class SyncEventEntity(OutcomeEventEntity):
    """What came of each sync that somebody asked for or that changed something.

    `completed`: all was written that should be. Automatic runs that found nothing to do fire nothing, nor do runs that
    only plan. `partial`: something was not written. `failed`: the run could not be made; `skipped`: nor can it before
    one of the servers or accounts is back. Automatic runs tell a trouble that stays only once.
    """

    _told_failure: str | None = None
    _told_incomplete: frozenset[str] = frozenset()

    @callback
    @override
    def _async_run_ended(self, outcome: RunOutcome) -> None:
        """Fire the event of a run that is worth one."""
        if outcome.request.mode is not RunMode.SYNC:
            return
        event = self._event(outcome)
        self._told_failure = outcome.failure.translation_key if outcome.failure else None
        if outcome.report is not None:
            self._told_incomplete = outcome.incomplete
        if event is not None:
            self._trigger_event(event.value, _sync_attributes(outcome))
            self.async_write_ha_state()

    def _event(self, outcome: RunOutcome) -> SyncEvent | None:
        """Return what to tell of a run, None where there is nothing new."""
        is_asked = not outcome.request.automatic
        if (failure := outcome.failure) is not None:
            if not is_asked and failure.translation_key == self._told_failure:
                return None
            return SyncEvent.SKIPPED if failure.waiting else SyncEvent.FAILED
        is_news = is_asked or bool(outcome.changed())
        if outcome.incomplete or outcome.errors:
            is_news = is_news or bool(outcome.errors) or not outcome.incomplete <= self._told_incomplete
            return SyncEvent.PARTIAL if is_news else None
        return SyncEvent.COMPLETED if is_news else None


class ProgressEventEntity(OutcomeEventEntity):
    """Each title that was written or cleared, or that is newly unresolved or started behind, up to fifty of a run.

    `conflict` instead of `updated` or `cleared`: both sides had been moved since the last sync, and the later one won.
    `put_back` instead of `updated`: the target got its own position back. `disturbed` beside them: the write took more
    than the position.
    Which title it was is in no database, and of a private pair it is not told at all, nor any more of the last event.
    """

    _unrecorded_attributes = frozenset(_OF_THE_TITLE)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Cover what the last event told of its title, where that is private by now."""
        return _OF_THE_TITLE if self._is_private and self.state is not None else None

    @property
    @override
    def extra_restore_state_data(self) -> EventExtraStoredData:
        """Return what is kept of the last event over a restart."""
        kept = super().extra_restore_state_data
        if not self._is_private or kept.last_event_attributes is None:
            return kept
        return EventExtraStoredData(kept.last_event_type, kept.last_event_attributes | _OF_THE_TITLE)

    @property
    def _is_private(self) -> bool:
        """Whether titles of the pair are nothing for the public."""
        return is_private_pair(self.hass, self.coordinator.config_entry, self.coordinator.subentry)

    @callback
    @override
    def _async_run_ended(self, outcome: RunOutcome) -> None:
        """Fire an event for each title."""
        hidden = _OF_THE_TITLE if self._is_private else {}
        told = [(_progress_event(outcome, one), one) for one in (*outcome.changed(), *outcome.news())]
        told = [*((ProgressEvent.DISTURBED, one) for one in outcome.disturbed()), *told]
        for event, decision in told[:MOST_TITLES]:
            self._trigger_event(event.value, _progress_attributes(outcome, decision) | hidden)
            self.async_write_ha_state()


def _sync_attributes(outcome: RunOutcome) -> dict[str, Any]:
    """Return what a run did in numbers."""
    report = outcome.report
    return {
        "trigger": "automatic" if outcome.request.automatic else "manual",
        "updated": report.updated if report else 0,
        "cleared": report.cleared if report else 0,
        "unresolved": report.unresolved if report else None,
        "duration": (outcome.finished_at - outcome.started_at) / 1000,
        "error": outcome.errors[0] if outcome.errors else None,
    }


def _progress_event(outcome: RunOutcome, decision: Decision) -> ProgressEvent:
    """Return what happened to a title."""
    if decision.action is Action.UNRESOLVED:
        return ProgressEvent.UNRESOLVED
    of_reason = {Reason.PUT_BACK: ProgressEvent.PUT_BACK, Reason.STARTED_BEHIND: ProgressEvent.STARTED_BEHIND}
    if decision.reason in of_reason:
        return of_reason[decision.reason]
    if decision.carried is not None and decision.carried.hides:
        return ProgressEvent.HIDDEN
    if outcome.is_conflict(decision):
        return ProgressEvent.CONFLICT
    return ProgressEvent.CLEARED if decision.action is Action.CLEAR else ProgressEvent.UPDATED


def _progress_attributes(outcome: RunOutcome, decision: Decision) -> dict[str, Any]:
    """Return a title with its position in seconds, where it comes from and where it goes."""
    position, duration = decision.from_position_ms or 0, decision.item.duration_ms
    return {
        "title": shown_title(decision.item).plain,
        "media_type": decision.item.kind.value,
        "position": position // 1000,
        "percent": round(100 * position / duration) if duration else None,
        "source": outcome.names[decision.source],
        "target": outcome.names[decision.target],
    }
