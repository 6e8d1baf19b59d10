"""Where each title in progress stands on each account, for the table of the dashboard."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.const import CONF_TYPE

from ..account.coordinator import AccountCoordinator
from ..actions.rights import Caller
from ..actions.rows import Row, item_row, named_decision_row
from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from ..labels import shown_time
from ..pair.coordinator import PairCoordinator
from ..sync.model import Reason, Side
from ..sync.off_loop import off_loop
from ..sync.plan.decision import Decision
from .standings import Link, Node, Place, Standing, standings

MOST_TITLES = 100
"""How many titles of each group are told, last moved first."""


@dataclass(frozen=True, slots=True)
class _Household:
    """What a user may see: accounts by account id, and the pairs between them."""

    servers: Mapping[str, AccountCoordinator]
    pairs: tuple[PairCoordinator, ...]


async def progress_table(caller: Caller) -> Row:
    """Return the titles in progress of all accounts that somebody may see, in groups of accounts that pairs connect."""
    entries: list[ResumeSyncConfigEntry] = caller.hass.config_entries.async_loaded_entries(DOMAIN)
    seen = [entry for entry in entries if caller.may_see_account(entry)]
    servers = {entry.runtime_data.account.account.account_id: entry.runtime_data.account for entry in seen}
    pairs = tuple(
        pair
        for entry in seen
        for pair in entry.runtime_data.pairs.values()
        if pair.peer in servers and caller.may_see_pair(entry, pair.subentry)
    )
    return {"groups": [await _group(group) for group in _groups(_Household(servers, pairs))]}


def _groups(household: _Household) -> Iterator[_Household]:
    """Yield the accounts that pairs connect, in the order in which they were added."""
    left = dict(household.servers)
    while left:
        reached = {next(iter(left))}
        while (
            more := {side for pair in household.pairs if reached & set(_sides(pair)) for side in _sides(pair)} - reached
        ):
            reached |= more
        yield _Household(
            {account_id: left.pop(account_id) for account_id in list(left) if account_id in reached},
            tuple(pair for pair in household.pairs if pair.peer in reached),
        )


def _sides(pair: PairCoordinator) -> tuple[str, str]:
    """Return the ids of the two accounts of a pair."""
    return pair.server.account.account_id, pair.peer


async def _group(group: _Household) -> Row:
    """Return the accounts of a group and their titles."""
    links = [Link(*_sides(pair), pair.state.ledger.linked_by_hand()) for pair in group.pairs]
    accounts = [server.account.copy() for server in group.servers.values()]
    size = sum(len(account.journal.entries) for account in accounts)
    titles = await off_loop(size, lambda: standings(accounts, links))
    shown = titles[:MOST_TITLES]
    decided = _decided(group.pairs, frozenset(node for title in shown for node in _nodes_of(title)))
    return {
        "accounts": [_account(server) for server in group.servers.values()],
        "total": len(titles),
        "titles": [_title(group, title, decided) for title in shown],
    }


def _account(server: AccountCoordinator) -> Row:
    """Return an account as the head of its column shows it."""
    return {
        "entry_id": server.config_entry.entry_id,
        "name": server.config_entry.title,
        "type": server.config_entry.data[CONF_TYPE],
        "connected": server.last_update_success,
    }


def _title(group: _Household, title: Standing, decided: Mapping[Node, list[Row]]) -> Row:
    """Return a title with a place for each account, None where it is not known there, and why it stands as it does."""
    why: dict[tuple[str, str], Row] = {}
    for node in _nodes_of(title):
        for row in decided.get(node, ()):
            why[row["from"], row["to"]] = row
    return item_row(title.item) | {
        "leader": None if title.leader is None else group.servers[title.leader].config_entry.entry_id,
        "poster": _poster(group, title),
        "places": [_place(title.places.get(account_id)) for account_id in group.servers],
        "decisions": list(why.values()),
    }


def _poster(group: _Household, title: Standing) -> Row | None:
    """Return whose picture stands for a title: that of where it was moved last, else of any account with pictures."""
    for account_id in sorted(title.places, key=lambda one: one != title.leader):
        entry = group.servers[account_id].config_entry
        if entry.runtime_data.artwork is not None:
            return {"entry_id": entry.entry_id, "item_id": title.places[account_id].item_ids[0]}
    return None


def _place(place: Place | None) -> Row | None:
    """Return where a title stands on one account; positions are seconds."""
    if place is None:
        return None
    duration = place.duration_ms
    return {
        "position": place.position_ms // 1000,
        "duration": None if duration is None else duration // 1000,
        "percent": min(round(100 * place.position_ms / duration), 100) if duration else None,
        "watched": place.watched,
    }


def _decided(pairs: Iterable[PairCoordinator], shown: frozenset[Node]) -> dict[Node, list[Row]]:
    """Return for each item that is shown what the last runs decided, and if it is in sync now, how it came to be."""
    found: dict[Node, list[Row]] = {}
    for pair in pairs:
        earlier = {title.decision.key: title for title in pair.state.recent.titles}
        for decision in pair.data.report.decisions if pair.data else ():
            nodes = shown.intersection(_nodes(pair, decision))
            if not nodes:
                continue
            past = earlier.get(decision.key) if decision.reason is Reason.IN_SYNC else None
            row = _decision(pair, decision if past is None else past.decision)
            row["at"] = None if past is None else shown_time(past.at)
            for node in nodes:
                found.setdefault(node, []).append(row)
    return found


def _nodes_of(title: Standing) -> Iterator[Node]:
    """Yield the account and item ids of a title."""
    yield from ((account_id, item_id) for account_id, place in title.places.items() for item_id in place.item_ids)


def _nodes(pair: PairCoordinator, decision: Decision) -> Iterator[Node]:
    """Yield the account and item ids that a decision is about."""
    sides = dict(zip(Side, _sides(pair), strict=True))
    yield sides[decision.source], decision.source_item_id
    yield from ((sides[decision.target], item_id) for item_id in decision.target_item_ids)


def _decision(pair: PairCoordinator, decision: Decision) -> Row:
    """Return what was decided between the two accounts of a pair."""
    row = named_decision_row(decision, dict(zip(Side, pair.account_names, strict=True)))
    shown: dict[str, Any] = {
        key: row[key] for key in ("from", "to", "from_position", "to_position", "action", "reason")
    }
    return shown
