"""Finding counterparts for titles that are known on one side only, with as few requests as possible."""

from collections.abc import Callable, Collection, Mapping, Sequence

from ..identity import agreement, match_keys, misnumbered
from ..ledger import FailedLookup, Ledger, item_key
from ..matching import Match, match
from ..model import Item, Reason, RemoveMode, Side
from ..plan.scene import Copy, Fit, Scene, fit, fitting_copies, newest_copy
from .account import Account


def titles_to_resolve(scene: Scene) -> dict[Side, tuple[Copy, ...]]:
    """Return, by side, the titles in progress there whose counterpart on the other side has to be looked up.

    Each is the copy that speaks for its title. Changes nothing and asks no server.
    """
    matching = match(
        [copy.item for copy in scene.left.copies.values()],
        [copy.item for copy in scene.right.copies.values()],
        scene.linked_by_hand,
    )
    unclear = {Side.LEFT: matching.ambiguous_left, Side.RIGHT: matching.ambiguous_right}
    return {side: _to_resolve_on(scene, side, matching.matches, unclear[side]) for side in Side}


def _to_resolve_on(scene: Scene, side: Side, matches: Sequence[Match], unclear: Collection[str]) -> tuple[Copy, ...]:
    """Return the titles of one side whose counterpart has to be looked up."""
    # The target of a one-way pair is never a source. In mirror mode the source's 0 decides, so it has to be found.
    if scene.only_source is side.other and scene.rules.remove is not RemoveMode.MIRROR:
        return ()
    found = []
    for one in matches:
        copies = scene.copies(one, side)
        in_progress = [] if any(copy.unread for copy in copies) else [copy for copy in copies if copy.shown]
        if not in_progress or (scene.copies(one, side.other) and not _lacks_a_fitting_copy(scene, side, one)):
            continue
        if _needs_look_up(scene, side, newest_copy(in_progress), unclear):
            found.append(newest_copy(in_progress))
    return tuple(found)


def copies_to_tell_apart(scene: Scene) -> Mapping[Side, frozenset[str]]:
    """Return, by side, the items of which only their libraries tell which copy of a title a position goes to.

    The film is in "4K" and in "Films" on both servers, and was left in the first: both items of the target, and the one
    of the source. Changes nothing and asks no server.
    """
    alike: dict[Side, set[str]] = {side: set() for side in Side}
    left, right = ([copy.item for copy in scene.shelf(side).copies.values()] for side in (Side.LEFT, Side.RIGHT))
    for one in match(left, right, scene.linked_by_hand).matches:
        if not (one.left and one.right):
            continue
        title = scene.title(one)
        source, fitting = title.source_copy, fitting_copies(title.source_copy, title.to_copies)
        if source.position_ms and len(fitting) > 1 and not title.in_sync:
            alike[title.source].add(source.item.item_id)
            alike[title.source.other].update(copy.item.item_id for copy in fitting)
    return {side: frozenset(item_ids) for side, item_ids in alike.items()}


def _lacks_a_fitting_copy(scene: Scene, side: Side, found: Match) -> bool:
    """Tell whether a position would travel from this side, and all copies known on the other side are another cut."""
    # The short cut is played on Plex. Jellyfin has the long cut in progress: it may have the short one too, at 0.
    title = scene.title(found)
    source = title.source_copy
    travels = title.source is side and source.position_ms > 0 and not title.in_sync
    return travels and fit(source.item, title.target_copy.item) is Fit.ANOTHER_CUT


def _needs_look_up(scene: Scene, side: Side, copy: Copy, unclear: Collection[str]) -> bool:
    """Tell whether asking the other server about a title may tell anything new."""
    ledger, item_id = scene.ledger, copy.item.item_id
    chosen = ledger.chosen_by_hand(side, item_id)
    # Ambiguous among items that are known already, or mapped as another title: only a person can choose.
    if (
        ledger.was_another_title(side, copy.item)
        or ledger.ignores(side, item_id)
        or (chosen is None and item_id in unclear)
    ):
        return False
    # Settled: an earlier run left the title alone, and it has not been moved since.
    settled = ledger.settled.get(item_key(side, item_id))
    if settled and (settled.position_ms, settled.edit) == (copy.position_ms, copy.edit):
        return False
    known_by = lookup_keys(ledger, side, copy.item)
    # Looked up in vain: again after a day, or as soon as the ids or the other library have changed.
    if ledger.lookup_failed(side, item_id, known_by, scene.shelf(side.other).library_revision, scene.now):
        return False
    return bool(known_by)


def lookup_keys(ledger: Ledger, side: Side, item: Item) -> frozenset[str]:
    """Return the keys that a look-up depends on: the item's ids, and the counterpart chosen by hand."""
    chosen = ledger.chosen_by_hand(side, item.item_id)
    return match_keys(item) | ({f"item:{chosen}"} if chosen is not None else frozenset())


async def resolve(side: Side, copies: Sequence[Copy], other: Account, ledger: Ledger, now: Callable[[], int]) -> None:
    """Find the counterparts of one side's titles on the other account and read their states.

    Links and failed look-ups go into the ledger. Raises `AccountError` where the other account cannot be asked.
    """
    # A link of an earlier run needs one read and no search. It holds while one of its items is there, its ids agree and
    # its length fits.
    linked = {copy.item.item_id: _linked(ledger, side, copy.item.item_id) for copy in copies}
    there = await _read(other, {item_id for ids in linked.values() for item_id in ids}, now)
    wanted = []
    for copy in copies:
        item = copy.item
        ledger.settled.pop(item_key(side, item.item_id), None)
        if not any(_still_linked(ledger, side, item, there.get(other_id)) for other_id in linked[item.item_id]):
            wanted.append(item)
    # Titles without a link that holds are looked up together, and the items found are read together.
    found = await other.find(wanted) if wanted else {}
    agreeing = {item.item_id: _agreeing(item, found.get(item.item_id, ())) for item in wanted}
    await _read(other, {item_id for ids in agreeing.values() for item_id in ids}, now)
    for item in wanted:
        key = item_key(side, item.item_id)
        ledger.links.pop(key, None)
        if agreeing[item.item_id]:
            ledger.links[key] = agreeing[item.item_id]
            ledger.failed.pop(key, None)
        else:
            # Gone: 20:00 linked · 21:00 the linked item is deleted, and the library has no other one of the title.
            reason = Reason.GONE if linked[item.item_id] else Reason.NOT_FOUND
            # Found by number alone, and it aired in another year: one library counts as aired, the other as on disc.
            if any(misnumbered(match_keys(item), match_keys(other)) for other in found.get(item.item_id, ())):
                reason = Reason.AMBIGUOUS
            known_by = lookup_keys(ledger, side, item)
            ledger.failed[key] = FailedLookup(reason, known_by, now(), other.server.library_revision)


def _linked(ledger: Ledger, side: Side, item_id: str) -> tuple[str, ...]:
    """Return the counterparts known for an item: the one chosen by hand, else those of earlier look-ups."""
    chosen = ledger.chosen_by_hand(side, item_id)
    return (chosen,) if chosen is not None else ledger.links.get(item_key(side, item_id), ())


async def _read(account: Account, item_ids: Collection[str], now: Callable[[], int]) -> Mapping[str, Item]:
    """Return those of the items that the account has; items not read in this round are read now."""
    unread = {item_id for item_id in item_ids if account.state(item_id) is None}
    if unread:
        await account.read_states(unread, now)
    states = {item_id: account.state(item_id) for item_id in item_ids}
    return {item_id: state.item for item_id, state in states.items() if state is not None}


def _still_linked(ledger: Ledger, side: Side, item: Item, other: Item | None) -> bool:
    """Tell whether a linked item exists and may take the position: by hand, or by agreeing ids and length."""
    if other is None:
        return False
    if ledger.chosen_by_hand(side, item.item_id) == other.item_id:
        return not ledger.was_another_title(side.other, other)
    return agreement(match_keys(item), match_keys(other)) > 0 and fit(item, other) is not Fit.ANOTHER_CUT


def _agreeing(item: Item, found: Collection[Item]) -> tuple[str, ...]:
    """Return the ids of the found items of which more sources of external ids agree than contradict."""
    keys = match_keys(item)
    return tuple(sorted(other.item_id for other in found if agreement(keys, match_keys(other)) > 0))
