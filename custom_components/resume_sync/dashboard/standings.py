"""Where each title in progress stands on several accounts, side by side: for people to look at, nothing is decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..sync.identity import search_keys
from ..sync.journal.edit import Edit
from ..sync.matching import match
from ..sync.model import Item
from ..sync.plan.scene import Copy, newest_copy
from ..sync.run.account import Account

type Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """Two accounts with a pair, by account id; `by_hand` says which left item somebody called which right one."""

    left: str
    right: str
    by_hand: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A title on one account: the copy that speaks for it. Position 0: it is there, but not in progress.

    `moved` is when a viewer moved it to where it is now; None: nobody did, or the position was written by us.
    """

    item_ids: tuple[str, ...]
    position_ms: int
    duration_ms: int | None
    watched: bool
    moved: Edit | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A title that is in progress somewhere, and its places by account id.

    `leader` is the account on which a viewer moved it last, None where that cannot be told. `changed_at` is the latest
    time at which it may have been moved, in milliseconds since the epoch.
    """

    item: Item
    places: Mapping[str, Place]
    leader: str | None
    changed_at: int


def standings(accounts: Sequence[Account], links: Iterable[Link]) -> list[Standing]:
    """Return every title that is in progress on any of the accounts, last moved first."""
    by_id = {account.account_id: account for account in accounts}
    shelves = _relevant(by_id, links := list(links))
    return sorted(
        (_standing(by_id, shelves, title) for title in _titles(shelves, links) if _in_progress(shelves, title)),
        key=lambda standing: (-standing.changed_at, standing.item.title, standing.item.item_id),
    )


def _relevant(accounts: Mapping[str, Account], links: Iterable[Link]) -> dict[str, dict[str, Copy]]:
    """Return by account the copies in progress, and those at 0 of titles that are in progress elsewhere."""
    shelves = {account_id: account.shelf().copies for account_id, account in accounts.items()}
    started = [copy.item for copies in shelves.values() for copy in copies.values() if copy.position_ms]
    known = {key for item in started for key in search_keys(item)}
    mapped = {item_id for link in links for both in link.by_hand.items() for item_id in both}
    return {
        account_id: {
            item_id: copy
            for item_id, copy in copies.items()
            if copy.position_ms or item_id in mapped or not known.isdisjoint(search_keys(copy.item))
        }
        for account_id, copies in shelves.items()
    }


def _titles(shelves: Mapping[str, Mapping[str, Copy]], links: Sequence[Link]) -> list[set[Node]]:
    """Return which copies are of one title: as pairs match them, and on each account by itself."""
    titles = _Titles()
    paired = {account_id for link in links for account_id in (link.left, link.right)}
    alone = (Link(account_id, "", {}) for account_id in shelves if account_id not in paired)
    for link in (*links, *alone):
        left, right = ([copy.item for copy in shelves.get(side, {}).values()] for side in (link.left, link.right))
        for one in match(left, right, link.by_hand).matches:
            titles.join([*((link.left, item) for item in one.left), *((link.right, item) for item in one.right)])
    return titles.all()


class _Titles:
    """Sets of copies that grow together."""

    def __init__(self) -> None:
        """Start with none."""
        self._of: dict[Node, set[Node]] = {}

    def join(self, nodes: Collection[Node]) -> None:
        """Let copies be of one title, with all that already are of one with them."""
        together = set(nodes).union(*(self._of.get(node, ()) for node in nodes))
        for node in together:
            self._of[node] = together

    def all(self) -> list[set[Node]]:
        """Return each title once."""
        return list({id(title): title for title in self._of.values()}.values())


def _in_progress(shelves: Mapping[str, Mapping[str, Copy]], title: Iterable[Node]) -> bool:
    """Tell whether a title is in progress anywhere."""
    return any(shelves[account_id][item_id].position_ms for account_id, item_id in title)


def _standing(
    accounts: Mapping[str, Account], shelves: Mapping[str, Mapping[str, Copy]], title: Iterable[Node]
) -> Standing:
    """Return where a title stands."""
    copies: dict[str, list[Copy]] = {}
    for account_id, item_id in sorted(title):
        copies.setdefault(account_id, []).append(shelves[account_id][item_id])
    places = {account_id: _place(accounts[account_id], each) for account_id, each in copies.items()}
    shown = newest_copy([copy for each in copies.values() for copy in each if copy.position_ms])
    return Standing(shown.item, places, _leader(places), shown.edit.latest if shown.edit else 0)


def _place(account: Account, copies: Sequence[Copy]) -> Place:
    """Return where the copies of a title stand on one account: one in progress speaks before those at 0."""
    copy = newest_copy([copy for copy in copies if copy.position_ms] or copies)
    entry = account.journal.entries.get(copy.item.item_id)
    return Place(
        item_ids=tuple(each.item.item_id for each in copies),
        position_ms=copy.position_ms,
        duration_ms=copy.item.duration_ms,
        watched=copy.watched,
        moved=entry.edit if entry is not None and entry.written_at is None else None,
    )


def _leader(places: Mapping[str, Place]) -> str | None:
    """Return where the last move was; of moves without an order the one further in, as a plan decides."""
    moved = {account_id: (place.moved, place.position_ms) for account_id, place in places.items() if place.moved}
    last = {
        account_id: (position, edit.latest)
        for account_id, (edit, position) in moved.items()
        if not any(other.later_than(edit) for other, _ in moved.values())
    }
    best = max(last.values(), default=None)
    leaders = [account_id for account_id, rank in last.items() if rank == best]
    return leaders[0] if len(leaders) == 1 else None
