"""What a plan is made from: one account's items, each with its last edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..journal.edit import Edit
from ..model import Activity, Item, ServerTraits


@dataclass(frozen=True, slots=True)
class Copy:
    """One item of one account as a plan sees it.

    `edit` None: nobody is known to have touched it. `undone_at`: somebody put back this position then. `fresh`: it was
    read in this round, not only remembered. `readable` False: the server has it, but its row could not be understood.
    """

    item: Item
    position_ms: int
    edit: Edit | None
    watched: bool = False
    activity: Activity | None = None
    undone_at: int | None = None
    fresh: bool = True
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Shelf:
    """One account's items: everything in progress, and what is known at 0 of titles in progress on the other side.

    `since` is when the account's history began, `library_revision` changes when its library is known to have changed.
    """

    traits: ServerTraits
    copies: Mapping[str, Copy]
    since: int = 0
    library_revision: str | None = None

    @property
    def in_progress(self) -> int:
        """How many items are in progress."""
        return sum(copy.position_ms > 0 for copy in self.copies.values())


def speaker(copies: Sequence[Copy]) -> Copy:
    """Return the copy that speaks for a title: the one edited last, and of equals the one further in."""
    return max(copies, key=lambda copy: (copy.edit.latest if copy.edit else -1, copy.position_ms, copy.item.item_id))


def write_target(copies: Sequence[Copy]) -> Copy:
    """Return the copy to write to: the one in progress, else the first in stable order."""
    in_progress = [copy for copy in copies if copy.position_ms]
    return speaker(in_progress) if in_progress else min(copies, key=lambda copy: copy.item.item_id)
