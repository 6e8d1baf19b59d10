"""Mappings made by hand: an item of one account is the same title as one of the other account, or is left alone."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from ..ledger import Ledger, item_key
from ..model import Item, MediaKind, Side
from .account import Account


class MappingRefused(Exception):
    """A mapping was not made or removed; `item_id` is the item at fault."""

    def __init__(self, item_id: str) -> None:
        """Keep the item at fault; the message is the name of the error."""
        super().__init__(type(self).__name__)
        self.item_id = item_id


class UnknownItem(MappingRefused):
    """No account has such a film or episode; for the target, not the account opposite to the source."""


class KindsDiffer(MappingRefused):
    """One item is a film, the other an episode."""


class MappedToAnother(MappingRefused):
    """The target is already mapped to a different item."""


class UnclearSide(MappingRefused):
    """Both accounts have an item of this id, and either could be meant."""


class NotMapped(MappingRefused):
    """The item is neither mapped nor ignored."""


async def map_item(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    source_item: str,
    target_item: str,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> None:
    """Map an item of either account to an item of the other; replaces an earlier mapping of the source.

    `now` returns epoch milliseconds; `save` stores the ledger. Raises `MappingRefused`, and `AccountError` where an
    account cannot be read; the ledger is as it was then.
    """
    # Item ids do not tell their account, so both accounts are asked for both ids.
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
    # A target belongs to one source. A target that is ignored is free: this mapping replaces the ignoring.
    if ledger.chosen_by_hand(side.other, target_item) not in (None, source_item):
        raise MappedToAnother(target_item)
    _forget(ledger, side, source_item)
    _forget(ledger, side.other, target_item)
    ledger.mappings[item_key(side, source_item)] = target_item
    ledger.learn_mapped(side, found[side][source_item])
    ledger.learn_mapped(side.other, found[side.other][target_item])
    await save()


async def ignore_item(
    accounts: Mapping[Side, Account],
    ledger: Ledger,
    source_item: str,
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
) -> None:
    """Leave an item of either account alone from now on; replaces an earlier mapping of it.

    `now` returns epoch milliseconds; `save` stores the ledger. Raises `MappingRefused`, and `AccountError` where an
    account cannot be read; the ledger is as it was then.
    """
    found = {side: await _read(account, {source_item}, now) for side, account in accounts.items()}
    sides = [side for side in Side if found[side]]
    if not sides:
        raise UnknownItem(source_item)
    side = _likeliest(sides, accounts, ledger, source_item)
    _forget(ledger, side, source_item)
    ledger.mappings[item_key(side, source_item)] = None
    ledger.learn_mapped(side, found[side][source_item])
    await save()


async def unmap_item(
    accounts: Mapping[Side, Account], ledger: Ledger, source_item: str, *, save: Callable[[], Awaitable[None]]
) -> None:
    """Remove the mapping or the ignoring of an item; a mapping may be named by either of its two items.

    Asks no server, so that it works for items that are gone. `save` stores the ledger. Raises `MappingRefused`.
    """
    said = [side for side in Side if ledger.ignores(side, source_item) or ledger.chosen_by_hand(side, source_item)]
    if not said:
        raise NotMapped(source_item)
    _forget(ledger, _likeliest(said, accounts, ledger, source_item), source_item)
    await save()


async def _read(account: Account, item_ids: Iterable[str], now: Callable[[], int]) -> dict[str, Item]:
    """Return, by id, those of the items that the account has and that are films or episodes."""
    wanted = set(item_ids)
    await account.read_states(wanted, now)
    # An item whose position cannot be read may be ignored, too.
    items = [item for item_id in wanted if (item := account.item(item_id)) is not None]
    return {item.item_id: item for item in items if item.kind is not MediaKind.SHOW}


def _likeliest(sides: Sequence[Side], accounts: Mapping[Side, Account], ledger: Ledger, item_id: str) -> Side:
    """Return the side on which an item id is meant; raises `UnclearSide` where both fit equally well."""
    # Two servers may use one id for different items, Plex and Emby both "4711". The id of an unresolved title is meant
    # before that of a title in progress, and that before any other.
    unresolved = [side for side in sides if item_key(side, item_id) in ledger.unresolved_since]
    in_progress = [side for side in sides if (state := accounts[side].state(item_id)) is not None and state.position_ms]
    first, *more = unresolved or in_progress or sides
    if more:
        raise UnclearSide(item_id)
    return first


def _forget(ledger: Ledger, side: Side, item_id: str) -> None:
    """Remove an item's mapping, and all that runs have remembered of the item and of its counterpart."""
    partner = ledger.chosen_by_hand(side, item_id)
    ledger.forget_item(side, item_id)
    ledger.forget_mapping(side, item_id)
    if partner is not None:
        ledger.forget_item(side.other, partner)
        ledger.forget_mapping(side.other, partner)
