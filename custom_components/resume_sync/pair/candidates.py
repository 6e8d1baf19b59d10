"""The items that unresolved titles might be, asked for when somebody wants to choose."""

import asyncio
from collections.abc import Sequence

from ..account.coordinator import AccountCoordinator
from ..account.exclusive import async_exclusive
from ..errors import RunFailed
from ..sync.ledger import item_key
from ..sync.media_server import CannotConnect, InvalidAuth, MediaServerError, ServerBusy
from ..sync.model import Item, Reason, Side
from ..sync.plan.decision import Decision
from .coordinator import PairCoordinator

MOST_TITLES = 25
_AT_ONCE = 4
_ANSWERS_NOTHING = (CannotConnect, InvalidAuth, ServerBusy)

type Candidates = dict[str, tuple[Item, ...]]


async def async_candidates(pair: PairCoordinator, decisions: Sequence[Decision]) -> Candidates:
    """Return by `item_key` what the first titles might be; nothing for those that the other server was not asked about.

    Whatever goes wrong at a server leaves its titles without candidates.
    """
    try:
        loaded = pair.loaded()
    except RunFailed:
        return {}
    servers = {Side.LEFT: loaded.left, Side.RIGHT: loaded.right}
    unmatched = [one for one in decisions if one.reason is not Reason.UNREADABLE][:MOST_TITLES]
    asked = {side: [one for one in unmatched if one.target is side] for side in Side}
    found = await asyncio.gather(*(_of_server(pair, servers[side], asked[side]) for side in Side if asked[side]))
    return {key: items for one in found for key, items in one.items()}


async def _of_server(pair: PairCoordinator, server: AccountCoordinator, decisions: Sequence[Decision]) -> Candidates:
    """Return one server's candidates; none where its account is unloaded meanwhile."""
    try:
        return await async_exclusive(
            pair.hass,
            [server],
            lambda: _proposals(server, decisions),
            what="candidates",
            interrupted=RunFailed("run_interrupted", {"pair": pair.subentry.title}, waiting=True),
        )
    except RunFailed:
        return {}


async def _proposals(server: AccountCoordinator, decisions: Sequence[Decision]) -> Candidates:
    """Ask a server about titles, a few at once; a server that does not answer is left alone."""
    slots = asyncio.Semaphore(_AT_ONCE)
    silent = asyncio.Event()
    found: Candidates = {}

    async def ask(decision: Decision) -> None:
        async with slots:
            if silent.is_set():
                return
            try:
                items = await server.client.propose(decision.item)
            except _ANSWERS_NOTHING:
                silent.set()
            except MediaServerError:
                return
            else:
                found[item_key(decision.source, decision.source_item_id)] = items

    async with asyncio.TaskGroup() as group:
        for decision in decisions:
            group.create_task(ask(decision))
    return found
