"""What somebody says by hand about a title that ids could not resolve: which item it is over there, or to leave it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from ..ledger import Ledger, item_key
from ..model import Item, MediaKind, Side
from .account import Account


class MappingRefused(Exception):
    """A mapping was not made or unmade. `item_id` is the item that it failed for."""

    def __init__(self, item_id: str) -> None:
        """Keep which item it is about."""
        super().__init__(type(self).__name__)
        self.item_id = item_id


class UnknownItem(MappingRefused):
    """Neither account has such a film or episode, or the account across from the source does not."""


class KindsDiffer(MappingRefused):
    """A film cannot be an episode."""


class MappedToAnother(MappingRefused):
    """The target is mapped to another item already."""


class UnclearSide(MappingRefused):
    """Both accounts have an item of this id, and both fit."""


class NotMapped(MappingRefused):
    """Nobody has mapped the item, or said to ignore it."""


async def map_item(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    source_item: str,
    target_item: str,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> None:
    """Say that an item of either account is one of the other; takes the place of what was said of the source before.

    Raises MappingRefused, with nothing changed, and AccountError where an account cannot be asked.
    """
    found = {side: await _read(account, {source_item, target_item}, now) for side, account in accounts.items()}
    sides = [side for side in Side if source_item in found[side]]
    if not sides:
        raise UnknownItem(source_item)
    reachable = [side for side in sides if target_item in found[side.other]]
    if not reachable:
        raise UnknownItem(target_item)
    same_kind = [side for side in reachable if found[side][source_item].kind is found[side.other][target_item].kind]
    if not same_kind:
        raise KindsDiffer(target_item)
    side = _likeliest(same_kind, accounts, ledger, source_item)
    if ledger.chosen_by_hand(side.other, target_item) not in (None, source_item):
        raise MappedToAnother(target_item)
    _forget(ledger, side, source_item)
    _forget(ledger, side.other, target_item)
    ledger.mappings[item_key(side, source_item)] = target_item
    await save()


async def ignore_item(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    source_item: str,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> None:
    """Say that an item of either account is to be left alone; takes the place of what was said of it before.

    Raises MappingRefused, with nothing changed, and AccountError where an account cannot be asked.
    """
    sides = [side for side, account in accounts.items() if await _read(account, {source_item}, now)]
    if not sides:
        raise UnknownItem(source_item)
    side = _likeliest(sides, accounts, ledger, source_item)
    _forget(ledger, side, source_item)
    ledger.mappings[item_key(side, source_item)] = None
    await save()


async def unmap_item(
    accounts: Mapping[Side, Account], ledger: Ledger, source_item: str, *, save: Callable[[], Awaitable[None]]
) -> None:
    """Take back what was said of an item, named by either of the two that were mapped; raises MappingRefused.

    Asks no server, so that the mapping of an item that is gone can be taken back too.
    """
    said = [side for side in Side if ledger.ignores(side, source_item) or ledger.chosen_by_hand(side, source_item)]
    if not said:
        raise NotMapped(source_item)
    _forget(ledger, _likeliest(said, accounts, ledger, source_item), source_item)
    await save()


async def _read(account: Account, item_ids: Iterable[str], now: Callable[[], int]) -> dict[str, Item]:
    """Return the films and episodes that an account has of these."""
    wanted = set(item_ids)
    await account.read_states(wanted, now)
    states = [state for item_id in wanted if (state := account.state(item_id)) is not None]
    return {state.item_id: state.item for state in states if state.item.kind is not MediaKind.SHOW}


def _likeliest(sides: Sequence[Side], accounts: Mapping[Side, Account], ledger: Ledger, item_id: str) -> Side:
    """Return the side of an item: where it is unresolved, else in progress, else where it is.

    Different servers may use the same id for different items.
    """
    unresolved = [side for side in sides if item_key(side, item_id) in ledger.unresolved_since]
    in_progress = [side for side in sides if (state := accounts[side].state(item_id)) is not None and state.position_ms]
    first, *more = unresolved or in_progress or sides
    if more:
        raise UnclearSide(item_id)
    return first


def _forget(ledger: Ledger, side: Side, item_id: str) -> None:
    """Forget all that was said of an item, and found out about it and its partner."""
    partner = ledger.chosen_by_hand(side, item_id)
    ledger.forget_item(side, item_id)
    ledger.mappings.pop(item_key(side, item_id), None)
    if partner is not None:
        ledger.forget_item(side.other, partner)
        ledger.mappings.pop(item_key(side.other, partner), None)
