"""Work on accounts that nothing else reads or writes meanwhile: their locks, their saved states, their errors."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..errors import RunFailed, cause_of, run_failed
from ..sync.plan.decision import AccountError
from .coordinator import AccountCoordinator
from .store import StateNotSaved


async def async_exclusive[T](
    hass: HomeAssistant,
    servers: Collection[AccountCoordinator],
    work: Callable[[], Awaitable[T]],
    *,
    what: str,
    interrupted: HomeAssistantError,
) -> T:
    """Do work while nothing else reads or writes these accounts; raises RunFailed for what goes wrong at a server.

    It is a task of its own, known to all of these accounts: unloading any of them ends it first, and `interrupted` is
    raised then. `what` names the task.
    """
    ordered = sorted(servers, key=lambda server: server.account.account_id)
    task = hass.async_create_background_task(_locked(ordered, work), f"{DOMAIN} {what}")
    for server in ordered:
        server.runs.add(task)
        task.add_done_callback(server.runs.discard)
    try:
        return await task
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        raise interrupted from None
    except StateNotSaved as error:
        raise RunFailed("state_not_saved", {"account": error.account}) from error


def account_failed(servers: Collection[AccountCoordinator], error: AccountError) -> RunFailed:
    """Tell the account whose server failed, and return what is raised for it."""
    (server,) = (server for server in servers if server.account.account_id == error.account_id)
    cause = cause_of(error)
    server.async_request_failed(cause)
    return run_failed(cause, server.account.name)


async def save_all(servers: Collection[AccountCoordinator]) -> None:
    """Write the states of accounts to disk, where they have changed; raises StateNotSaved."""
    for server in servers:
        await server.store.async_save()


async def _locked[T](servers: Sequence[AccountCoordinator], work: Callable[[], Awaitable[T]]) -> T:
    """Work while all locks are held, taken in one order by everybody."""
    async with AsyncExitStack() as locks:
        for server in servers:
            await locks.enter_async_context(server.lock)
        try:
            return await work()
        except AccountError as error:
            # While the locks are held: who waits for one must not ask a server that has just failed.
            raise account_failed(servers, error) from error
