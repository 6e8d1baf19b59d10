"""One pair: when its runs are due, and what came of the last one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from ..account.coordinator import AccountCoordinator
from ..account.loaded import loaded_account
from ..account.rounds import RECENT_MS, interval_until, next_round, now, round_start
from ..account.store import PairState
from ..const import CONF_PEER, DOMAIN, LOGGER
from ..errors import RunFailed, cause_of, run_failed
from ..sync.model import Side
from ..sync.plan.brake import Approval
from ..sync.run.runner import RunMode
from .outcome import INCOMPLETE, RunOutcome
from .rules import pair_rules
from .run import RunPair, RunRequest, async_run_pair
from .status import PairData, PairStatus
from .wake_up import WakeUp, async_listen_for_wake_ups
from .wished_syncs import async_is_sync_wished, async_wish_sync


class PairCoordinator(DataUpdateCoordinator[PairData | None]):
    """Runs a pair in the common rounds, and whenever somebody asks for it.

    The account that the pair belongs to is left, its peer right. The peer is looked up for every run, because a reload
    replaces everything that belongs to it. `next_run_at` is when the next automatic run is due, in milliseconds since
    the epoch, None before the first one.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        server: AccountCoordinator,
        state: PairState,
    ) -> None:
        """Set up the pair; nothing runs before `async_start`."""
        super().__init__(hass, LOGGER, config_entry=entry, name=subentry.title)
        self.subentry = subentry
        self.server = server
        self.state = state
        self.rules = pair_rules(subentry.data)
        self.peer: str = subentry.data[CONF_PEER]
        self._only_plan = True
        self._asked_runs = 0
        self._writing = False
        self._failures = 0
        self._shown_failure: str | None = None
        self._confirm_at: int | None = None
        self._fresh_since = 0
        self._outcome_listeners: list[Callable[[RunOutcome], None]] = []
        self.next_run_at: int | None = None

    @property
    def status(self) -> PairStatus:
        """How the pair is: of several things that are true, what people should know first."""
        failure, data = None if self.last_update_success else self.last_exception, self.data
        waits = isinstance(failure, RunFailed) and failure.waiting
        if not self.last_update_success and not waits:
            return PairStatus.FAILED
        if data is not None and data.is_held:
            return PairStatus.NEEDS_ATTENTION
        if self._asked_runs or self._writing:
            return PairStatus.SYNCING
        if waits or data is None:
            return PairStatus.WAITING
        if data.report.pending:
            return PairStatus.PENDING
        return PairStatus.IN_SYNC if self.state.automatic else PairStatus.PAUSED

    @property
    def has_problem(self) -> bool | None:
        """Whether the last run failed, left out what it should write, or waits for approval; None before the first."""
        if not self.last_update_success:
            return True
        if self.data is None:
            return None
        report = self.data.report
        incomplete = any(decision.reason in INCOMPLETE for decision in report.decisions)
        return bool(report.failures) or incomplete or self.data.is_held

    @property
    def account_names(self) -> tuple[str, str]:
        """The names of both accounts, the peer's empty where it is gone."""
        peer = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, self.peer)
        return self.server.account.name, peer.title if peer else ""

    @callback
    def async_start(self) -> None:
        """Keep the pair running from now on, also if all of its entities are disabled."""
        entry = self.config_entry
        entry.async_on_unload(self.async_add_outcome_listener(self._remember))
        async_listen_for_wake_ups(self.hass, entry, self.peer, self._wake)

    @callback
    def async_add_outcome_listener(self, listener: Callable[[RunOutcome], None]) -> CALLBACK_TYPE:
        """Tell a listener of each run that has ended, previews aside; return how to stop that."""
        self._outcome_listeners.append(listener)
        return lambda: self._outcome_listeners.remove(listener)

    async def async_sync(self, *, full: bool = False, approval: Approval = Approval.NOTHING) -> PairData:
        """Sync now from fresh listings, automatic or not; raises HomeAssistantError where that fails."""
        request = RunRequest(mode=RunMode.SYNC, not_before=now(), full=full, approval=approval)
        return await self.async_sync_as(request)

    async def async_sync_as(self, request: RunRequest) -> PairData:
        """Run as requested and show the outcome; raises RunFailed."""
        with self._shown_as_syncing():
            try:
                data = await self._run(request)
            except RunFailed as failure:
                self.async_set_update_error(failure)
                raise
            self._failures = 0
            self._plan_next_run()
            self.async_set_updated_data(data)
        return data

    async def async_preview(self, not_before: int) -> PairData:
        """Return what a sync would do now; leaves no trace. Raises RunFailed where a read fails."""
        peer = self._loaded_peer()
        return await self._run_with(peer, RunRequest(mode=RunMode.PREVIEW, not_before=not_before))

    async def async_set_automatic(self, *, automatic: bool) -> None:
        """Switch automatic writing on or off, for good."""
        self.state.automatic = automatic
        if not automatic:
            self._forget_wish()
        self.async_update_listeners()
        await self.server.store.async_save()

    def loaded(self) -> RunPair:
        """Return what a run works on; raises RunFailed where the other account is gone or not set up."""
        return self._pair(self._loaded_peer())

    async def async_clear_tombstones(self) -> int:
        """Forget the removals that wait for confirmation, and return how many there were."""
        async with self.server.lock:
            count = self.state.ledger.clear_tombstones()
            await self.server.store.async_save()
        self._confirm_at = None
        self.async_update_listeners()
        return count

    @override
    async def _async_update_data(self) -> PairData:
        """Make an automatic run: the first one after a set-up only plans, unless the user agreed to the preview."""
        time = now()
        only_plan, self._only_plan = self._only_plan, False
        if async_is_sync_wished(self.hass, self.config_entry.entry_id, self.peer):
            request = RunRequest(mode=RunMode.SYNC, not_before=time, approval=Approval.FIRST_SYNC, automatic=True)
        elif only_plan:
            request = RunRequest(mode=RunMode.PLAN, not_before=time - RECENT_MS, automatic=True)
        else:
            mode = RunMode.SYNC if self.state.automatic else RunMode.PLAN
            request = RunRequest(mode=mode, not_before=max(round_start(time), self._fresh_since), automatic=True)
        try:
            data = await self._run(request, self._show_writing)
        except RunFailed:
            self._failures += 1
            self._confirm_at = None
            raise
        else:
            self._failures = 0
            return data
        finally:
            self._plan_next_run(at_least_in=RECENT_MS if only_plan else 0)

    @override
    def _async_refresh_finished(self) -> None:
        """Show the outcome of an automatic run, also of one that failed again: it wrote, or fails for another reason.

        20:00 the server is away, the pair waits · 20:05 another one answers there, the pair has failed.
        """
        shown, self._shown_failure = self._shown_failure, None if self.last_update_success else str(self.last_exception)
        fails_otherwise = None not in (shown, self._shown_failure) and shown != self._shown_failure
        if self._writing or fails_otherwise:
            self._writing = False
            self.async_update_listeners()

    async def _run(self, request: RunRequest, on_write: Callable[[], None] = lambda: None) -> PairData:
        """Run, keep what the run leaves to do, and tell what came of it."""
        started_at, synced_at = now(), self.state.last_sync
        left, right = self.account_names
        outcome = RunOutcome(
            request=request,
            names={Side.LEFT: left, Side.RIGHT: right},
            started_at=started_at,
            finished_at=started_at,
            before=self.data.report if self.data else None,
            synced_at=synced_at,
        )
        try:
            data = await self._run_and_keep(request, on_write)
        except RunFailed as failure:
            self._tell(replace(outcome, finished_at=now(), failure=failure, errors=(str(failure),)))
            raise
        names = {self.server.account.account_id: left, self.peer: right}
        errors = (str(run_failed(cause_of(one), names[one.account_id])) for one in data.report.failures)
        self._tell(replace(outcome, finished_at=now(), report=data.report, errors=tuple(errors)))
        return data

    @callback
    def _remember(self, outcome: RunOutcome) -> None:
        """Keep what a run did for people to look back on."""
        self.state.recent.remember(outcome.changed(), outcome.finished_at)

    @callback
    def _tell(self, outcome: RunOutcome) -> None:
        """Tell all who want to hear of runs."""
        for listener in list(self._outcome_listeners):
            listener(outcome)

    async def _run_and_keep(self, request: RunRequest, on_write: Callable[[], None]) -> PairData:
        """Run, and keep what the run leaves to do."""
        peer = self._loaded_peer()
        data = await self._run_with(peer, request, on_write)
        report = data.report
        self._confirm_at = report.confirm_at
        if request.mode is RunMode.SYNC:
            self.state.last_sync = report.finished_at
            self._forget_wish()
        for server in (self.server, peer):
            server.store.async_save_later()
        return data

    async def _run_with(
        self, peer: AccountCoordinator, request: RunRequest, on_write: Callable[[], None] = lambda: None
    ) -> PairData:
        """Run with a loaded peer."""
        if request.mode is not RunMode.PREVIEW:
            limits = (self.server.account.libraries, peer.account.libraries)
            self.state.ledger.reset_if_libraries_changed((*limits[0], "", *limits[1]) if any(limits) else ())
        report = await async_run_pair(self.hass, self._pair(peer), request, on_write)
        return PairData(report, self.server.account.name, peer.account.name)

    def _pair(self, peer: AccountCoordinator) -> RunPair:
        """Return what a run works on."""
        name, pair_id = self.subentry.title, self.subentry.subentry_id
        return RunPair(name, self.server, peer, self.rules, self.state.ledger, pair_id)

    def _loaded_peer(self) -> AccountCoordinator:
        """Return the other account; raises RunFailed where it is gone or not set up."""
        peer = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, self.peer)
        if peer is None:
            raise RunFailed("peer_removed", {"pair": self.subentry.title})
        loaded_account(self.hass, self.config_entry)
        return loaded_account(self.hass, peer)

    @callback
    def _forget_wish(self) -> None:
        """Write no more because it was wished for: that is done, or somebody has decided otherwise."""
        async_wish_sync(self.hass, self.config_entry.entry_id, self.peer, wanted=False)

    def _plan_next_run(self, *, at_least_in: int = 0) -> None:
        """Let the next automatic run come with a round, or when waiting removals may be confirmed."""
        time = now()
        due = next_round(time + at_least_in, self._failures)
        if self._confirm_at is not None and self._confirm_at > time and self.state.automatic:
            due = min(due, self._confirm_at)
        self.next_run_at = due
        self.update_interval = interval_until(due, time)

    @contextmanager
    def _shown_as_syncing(self) -> Iterator[None]:
        """Show the pair as syncing."""
        self._asked_runs += 1
        self.async_update_listeners()
        try:
            yield
        finally:
            self._asked_runs -= 1
            self.async_update_listeners()

    @callback
    def _show_writing(self) -> None:
        """Show the pair as syncing once an automatic run has something to write."""
        if not self._writing:
            self._writing = True
            self.async_update_listeners()

    @callback
    def _wake(self, why: WakeUp, not_before: int) -> None:
        """Make an automatic run now, once Home Assistant has started and the account is loaded."""
        if why is WakeUp.BACK and self.last_update_success:
            return
        if why is WakeUp.LIBRARY:
            if not self.state.ledger.failed:
                return
            self.state.ledger.failed.clear()
        self._fresh_since = max(self._fresh_since, not_before)
        if why is WakeUp.LOADED:
            self._only_plan = True
        if self.hass.state is CoreState.running and self.config_entry.state is ConfigEntryState.LOADED:
            self.config_entry.async_create_background_task(self.hass, self.async_refresh(), f"{DOMAIN} {why.name} run")
