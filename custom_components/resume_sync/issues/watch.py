"""Repairs follow what accounts and pairs do: each read, each run and each change asks or takes back a question."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..account.coordinator import AccountCoordinator
from ..account.rounds import now
from ..pair.coordinator import PairCoordinator
from ..pair.outcome import RunOutcome
from ..pair.unresolved import long_unresolved
from ..sync.media_server import AnotherServer, MediaServerError
from ..sync.plan.decision import Report
from ..sync.run.runner import RunMode
from .issues import (
    FIRST_SYNC,
    MASS_REMOVAL,
    MASS_UPDATE,
    async_update_another_server,
    async_update_held,
    async_update_mass_zeros,
    async_update_peer_removed,
    async_update_unresolved,
)


@callback
def async_watch_account(hass: HomeAssistant, account: AccountCoordinator) -> CALLBACK_TYPE:
    """Keep the repairs about an account up to date: who answers at its address, what it lost at once.

    Return how to stop that.
    """
    entry = account.config_entry

    @callback
    def asked(error: MediaServerError | None) -> None:
        """Tell who answered, where somebody did: a server that is away is neither."""
        if error is None or isinstance(error, AnotherServer):
            async_update_another_server(hass, entry.entry_id, entry.title, answers=error is not None)

    @callback
    def was_read() -> None:
        """Ask about positions that came to 0 together, as long as any of them waits for an answer."""
        async_update_mass_zeros(hass, entry.entry_id, entry.title, held=len(account.account.journal.held()))

    stop_asking, stop_reading = account.async_add_error_listener(asked), account.async_add_listener(was_read)
    was_read()

    @callback
    def stop() -> None:
        stop_asking()
        stop_reading()

    return stop


@callback
def async_watch_pair(hass: HomeAssistant, pair: PairCoordinator) -> CALLBACK_TYPE:
    """Keep the repairs about a pair up to date from now on; return how to stop that."""
    entry_id, subentry = pair.config_entry.entry_id, pair.subentry

    @callback
    def ask(report: Report) -> None:
        """Ask about the changes that a run holds; take back what none is held for any more."""
        positions, is_first = report.held - report.held_removals, not pair.state.ledger.approved
        async_update_held(hass, FIRST_SYNC, entry_id, subentry, held=positions if is_first else 0)
        async_update_held(hass, MASS_UPDATE, entry_id, subentry, held=0 if is_first else positions)
        async_update_held(hass, MASS_REMOVAL, entry_id, subentry, held=report.held_removals)

    @callback
    def run_ended(outcome: RunOutcome) -> None:
        """Ask about what a run could not decide alone: a peer that is gone, many changes at once."""
        failure, report = outcome.failure, outcome.report
        is_gone = failure is not None and failure.translation_key == "peer_removed"
        async_update_peer_removed(hass, entry_id, subentry, is_gone=is_gone)
        if report is not None and outcome.request.mode is RunMode.SYNC:
            ask(report)

    @callback
    def pair_changed() -> None:
        """Ask about titles that have been unresolved for a week; take back what nothing is held for any more."""
        ledger = pair.state.ledger
        titles = long_unresolved(pair.data.report, ledger, now()) if pair.data else ()
        async_update_unresolved(hass, entry_id, subentry, count=len(titles))
        # A plan holds nothing any more: somebody has answered while automatic sync is off.
        if pair.data and not pair.data.report.held:
            ask(pair.data.report)
        if not any(tombstone.held for tombstone in ledger.tombstones):
            async_update_held(hass, MASS_REMOVAL, entry_id, subentry, held=0)

    stop_runs = pair.async_add_outcome_listener(run_ended)
    stop_changes = pair.async_add_listener(pair_changed)

    @callback
    def stop() -> None:
        stop_runs()
        stop_changes()

    return stop
