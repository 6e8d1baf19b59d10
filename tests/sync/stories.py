"""Short ways to tell what happens in a household of two servers: films watched, runs, and what these ask for."""

import pytest

from custom_components.resume_sync.sync.model import PairRules, Reason, RemoveMode, ServerType
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Report
from custom_components.resume_sync.sync.run.runner import RunMode

from .household import Household
from .world import MINUTE, ModelServer, PowerLoss, film

PAIR = ("left", "right")
REMOVE = PairRules(remove=RemoveMode.SOURCE)


def home(
    left: ServerType = ServerType.JELLYFIN,
    right: ServerType = ServerType.JELLYFIN,
    *,
    titles: int = 3,
    rules: PairRules | None = None,
) -> Household:
    """Return two servers with the same films, `film-0` and on, paired as the rules say."""
    household = Household({"left": left, "right": right}, [PAIR], rules)
    for server in household.servers.values():
        server.add(*(film(number) for number in range(titles)))
        server.latency_ms = 20
    return household


def watch(household: Household, name: str, item_id: str, minutes: int) -> None:
    """Watch a title for a while from where it was left, and stop; then let a minute pass."""
    server = household.servers[name]
    server.play(item_id)
    household.clock.time += minutes * MINUTE
    server.stop()
    household.clock.time += MINUTE


def finish(household: Household, name: str, item_id: str) -> None:
    """Watch a title to its end; then let a minute pass."""
    server = household.servers[name]
    server.play(item_id)
    item = server.holdings[item_id].item
    household.clock.time += (item.duration_ms or 0) - server.holdings[item_id].position_ms
    server.finish()
    household.clock.time += MINUTE


async def sync(
    household: Household,
    mode: RunMode = RunMode.SYNC,
    *,
    after: int = 5,
    full: bool = False,
    approval: Approval = Approval.NOTHING,
) -> Report:
    """Let some minutes pass, forget what was asked for before, and run the pair."""
    household.clock.time += after * MINUTE
    for server in household.servers.values():
        server.calls.clear()
    return await household.run_pair(PAIR, mode, full=full, approval=approval)


def reasons(report: Report) -> dict[str, Reason]:
    """Return why each title was decided as it was, by item id."""
    return {decision.item.item_id: decision.reason for decision in report.decisions}


def requests(household: Household, name: str) -> str:
    """Return the requests of the last run to one server, in order, runs of the same as one: `list write*3`."""
    counted: list[tuple[str, int]] = []
    for route in household.servers[name].requests:
        if counted and counted[-1][0] == route:
            counted[-1] = (route, counted[-1][1] + 1)
        else:
            counted.append((route, 1))
    return " ".join(route if count == 1 else f"{route}*{count}" for route, count in counted)


def written(server: ModelServer) -> list[tuple[str, int | None]]:
    """Return what was written to a server, in order: item ids and positions."""
    return [(call.item_ids[0], call.position_ms) for call in server.writes]


async def both_hold(
    left: ServerType = ServerType.JELLYFIN,
    right: ServerType = ServerType.JELLYFIN,
    *,
    titles: int = 3,
    rules: PairRules | None = None,
) -> Household:
    """Return a household in which both sides hold all films at 20 minutes."""
    household = home(left, right, titles=titles, rules=rules)
    for number in range(titles):
        watch(household, "left", f"film-{number}", 20)
    await sync(household, approval=Approval.EVERYTHING)
    await sync(household)
    return household


async def power_fails(household: Household, name: str, route: str, *, arrived: bool) -> None:
    """Run the pair; at a request to a server the power fails, before or after it took effect, and comes back."""
    server = household.servers[name]

    async def fails(asked: str, answered: bool) -> None:
        if asked == route and answered is arrived:
            raise PowerLoss

    server.hook = fails
    with pytest.RaisesGroup(PowerLoss, allow_unwrapped=True, flatten_subgroups=True):
        await sync(household)
    server.hook = None
    household.start()
