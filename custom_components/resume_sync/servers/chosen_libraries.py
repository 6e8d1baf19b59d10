"""The libraries that an account is limited to, and when to check that they still exist.

A server that is asked for a library it does not have may answer with no rows, or with the rows of all libraries. So an
answer that changed is believed only after the user's list of libraries was seen to hold the chosen ones.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from ..sync.media_server import LibraryGone
from .confirmations import Confirmations

CONFIRMED_FOR_MS: Final = 5 * 60 * 1000


class ChosenLibraries:
    """The ids of the chosen libraries (none: all libraries), and the answers believed so far."""

    def __init__(self, library_ids: Collection[str], now: Callable[[], int]) -> None:
        """Believe nothing yet; `now` is epoch milliseconds."""
        self.ids = tuple(dict.fromkeys(library_ids))
        self._believed: Mapping[str, frozenset[str]] = {}
        self._confirmations: Confirmations[tuple[str, ...]] = Confirmations(now)

    def __bool__(self) -> bool:
        """Tell whether the account is limited to some libraries."""
        return bool(self.ids)

    def doubts(self, found: Mapping[str, frozenset[str]]) -> bool:
        """Tell whether the ids found, by library, have to be confirmed: they changed, or a library has been empty long.

        An empty library is believed for an hour.
        """
        return found != self._believed or not (all(found.values()) or self._confirmations.empty_believed(self.ids))

    @property
    def confirmed(self) -> bool:
        """Whether the libraries were seen to be there within the last five minutes."""
        return self._confirmations.within(self.ids, CONFIRMED_FOR_MS)

    def confirm(self, there: Collection[str], found: Mapping[str, frozenset[str]] | None = None) -> None:
        """Compare with the libraries that are there, and believe the ids found; raises LibraryGone."""
        gone = set(self.ids).difference(there)
        if gone:
            self.forget()
            raise LibraryGone(gone)
        self._confirmations.confirm(self.ids)
        if found is not None:
            self._believed = dict(found)

    def forget(self) -> None:
        """Believe nothing any more."""
        self._believed = {}
        self._confirmations.clear()
