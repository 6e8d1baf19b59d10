"""The libraries that an account is limited to, and when to make sure that they are still there.

A server asked for a library that it does not have may answer with nothing, or with everything. So an answer is believed
only as long as the user's list of libraries was seen to hold the chosen ones.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from ..sync.media_server import LibraryGone

EMPTY_BELIEVED_MS: Final = 60 * 60 * 1000
CONFIRMED_FOR_MS: Final = 5 * 60 * 1000


class ChosenLibraries:
    """The ids of the chosen libraries, none for all; remembers which answers were believed and when."""

    def __init__(self, library_ids: Collection[str], now: Callable[[], int]) -> None:
        """Believe nothing yet; `now` is epoch milliseconds."""
        self.ids = tuple(dict.fromkeys(library_ids))
        self._now = now
        self._believed: Mapping[str, frozenset[str]] = {}
        self._confirmed_at: int | None = None

    def __bool__(self) -> bool:
        """Tell whether the account is limited to some libraries."""
        return bool(self.ids)

    def doubts(self, found: Mapping[str, frozenset[str]]) -> bool:
        """Tell whether what was found, by library, has to be confirmed: it is not what was believed before.

        Nothing found is believed for an hour.
        """
        return found != self._believed or (not all(found.values()) and not self._confirmed_within(EMPTY_BELIEVED_MS))

    @property
    def confirmed(self) -> bool:
        """Whether the libraries were seen to be there within the last minutes."""
        return self._confirmed_within(CONFIRMED_FOR_MS)

    def confirm(self, there: Collection[str], found: Mapping[str, frozenset[str]] | None = None) -> None:
        """Compare with the libraries that are there, and believe what was found; raises LibraryGone."""
        gone = set(self.ids).difference(there)
        if gone:
            self.forget()
            raise LibraryGone(gone)
        self._confirmed_at = self._now()
        if found is not None:
            self._believed = dict(found)

    def forget(self) -> None:
        """Believe nothing any more."""
        self._believed = {}
        self._confirmed_at = None

    def _confirmed_within(self, milliseconds: int) -> bool:
        """Tell whether the last confirmation is no older than that."""
        return self._confirmed_at is not None and 0 <= self._now() - self._confirmed_at < milliseconds
