"""One run over two accounts of Home Assistant: their locks, their saved states, their errors."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from homeassistant.core import HomeAssistant

from .account_coordinator import ServerCoordinator
from .const import DOMAIN
from .errors import RunFailed, cause_of, run_failed
from .rounds import now
from .store import StateNotSaved
from .sync.decision import AccountError, Report
from .sync.ledger import Ledger
from .sync.model import PairRules
from .sync.runner import RunMode, run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """How a run is to be made.

    `not_before`: a listing that left earlier has to be read anew. `automatic`: nobody waits for the run, so that a
    server that is known to fail is spared.
    """

    mode: RunMode
    not_before: int
    full: bool = False
    approve: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class RunPair:
    """What a run works on: two loaded accounts, the pair's name for messages, its rules and its ledger."""

    name: str
    left: ServerCoordinator
    right: ServerCoordinator
    rules: PairRules
    ledger: Ledger

    @property
    def servers(self) -> tuple[ServerCoordinator, ServerCoordinator]:
        """Both accounts, in the order in which every run takes their locks."""
        first, second = sorted((self.left, self.right), key=lambda server: server.account.account_id)
        return first, second

    def server(self, account_id: str) -> ServerCoordinator:
        """Return one of the two accounts."""
        return self.right if self.right.account.account_id == account_id else self.left


async def async_run_pair(
    hass: HomeAssistant, pair: RunPair, request: RunRequest, on_write: Callable[[], None] = lambda: None
) -> Report:
    """Run a pair once; raises RunFailed. `on_write` is called when there is something to write to a server.

    The run is a task of its own, known to both accounts: unloading either one ends it first.
    """
    task = hass.async_create_background_task(_run_locked(pair, request, on_write), f"{DOMAIN} {request.mode} run")
    for server in pair.servers:
        server.runs.add(task)
        task.add_done_callback(server.runs.discard)
    try:
        report = await task
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        raise RunFailed("run_interrupted", {"pair": pair.name}, waiting=True) from None
    except AccountError as error:
        raise _account_failed(pair, error) from error
    except StateNotSaved as error:
        raise RunFailed("state_not_saved", {"account": error.account}) from error
    if request.mode is not RunMode.PREVIEW:
        for server in pair.servers:
            server.async_publish()
    for failure in report.failures:
        _account_failed(pair, failure)
    return report


async def _run_locked(pair: RunPair, request: RunRequest, on_write: Callable[[], None]) -> Report:
    """Run while nothing else reads or writes either account."""
    started_at = now()

    async def save() -> None:
        intents = [intent for server in pair.servers for intent in server.account.journal.intents.values()]
        if any(intent.made_at >= started_at for intent in intents):
            on_write()
        for server in pair.servers:
            await server.store.async_save()

    async with AsyncExitStack() as locks:
        for server in pair.servers:
            await locks.enter_async_context(server.lock)
        for server in pair.servers if request.automatic else ():
            if (error := server.known_error(request.not_before)) is not None:
                raise AccountError(server.account.account_id, error)
        return await run(
            pair.left.account,
            pair.right.account,
            pair.rules,
            pair.ledger,
            now=now,
            save=save,
            not_before=request.not_before,
            mode=request.mode,
            full=request.full,
            approve=request.approve,
        )


def _account_failed(pair: RunPair, error: AccountError) -> RunFailed:
    """Tell the account whose server failed, and return what the run raises for it."""
    server = pair.server(error.account_id)
    cause = cause_of(error)
    server.async_request_failed(cause)
    return run_failed(cause, server.account.name)
