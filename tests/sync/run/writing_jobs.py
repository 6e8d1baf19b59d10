"""An account whose films are at 20 minutes, and writes to it."""

from dataclasses import replace

from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.model import ServerType
from custom_components.resume_sync.sync.plan.decision import Carried
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.apply import Outcome, apply, save_intents
from custom_components.resume_sync.sync.run.jobs import Job
from tests.sync.builders import at, minutes, point
from tests.sync.world import Clock, ModelServer, film


async def an_account(kind: ServerType = ServerType.JELLYFIN, titles: int = 3, *, skew_ms: int = 0) -> Account:
    """Return an account whose films are at 20 minutes since half an hour before noon, read at noon."""
    server = ModelServer(kind, Clock(), skew_ms=skew_ms, latency_ms=20)
    server.add(*(film(number) for number in range(titles)))
    for item_id, holding in server.holdings.items():
        server.holdings[item_id] = replace(holding, position_ms=minutes(20), date=at(-30) + skew_ms)
    account = Account("an id", "Anna", server, Journal())
    await account.read(0, server.clock.now)
    server.calls.clear()
    server.clock.time = at(1)
    return account


def model(account: Account) -> ModelServer:
    """Return the account's server."""
    assert isinstance(account.server, ModelServer)
    return account.server


def a_job(
    account: Account, item_id: str, position: float = 40, *, edit: Edit | None = None, sent_at: int | None = None
) -> Job:
    """Return a write of a position in minutes, edited ten minutes before noon unless told otherwise."""
    base = account.state(item_id)
    assert base is not None
    edit = edit or point(-10)
    return Job(f"title of {item_id}", base, minutes(position), Carried(edit, sent_at), edit.latest, point(-20))


async def carry_out(account: Account, *jobs: Job) -> Outcome:
    """Note the writes and send them."""
    await save_intents([(account, jobs)], model(account).clock.time, _nothing_to_save)
    model(account).clock.time += 20
    return await apply(account, jobs, model(account).clock.now)


async def _nothing_to_save() -> None:
    """Save nothing."""
