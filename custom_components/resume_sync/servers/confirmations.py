"""When answers that prove little were last confirmed by another one.

A server that is asked for a library it no longer has may answer with no rows at all. So "nothing found" is believed for
an hour, and then the list of libraries is read once more.
"""

from collections.abc import Callable, Hashable
from typing import Final

EMPTY_BELIEVED_MS: Final = 60 * 60 * 1000


class Confirmations[Question: Hashable]:
    """Remembers when each question was last confirmed. A clock that was set back confirms nothing."""

    def __init__(self, now: Callable[[], int]) -> None:
        """Start with nothing confirmed; `now` is epoch milliseconds."""
        self._now = now
        self._confirmed_at: dict[Question, int] = {}

    def confirm(self, *questions: Question) -> None:
        """Note that these were confirmed now."""
        self._confirmed_at |= dict.fromkeys(questions, self._now())

    def within(self, question: Question, milliseconds: int) -> bool:
        """Tell whether a question was confirmed no longer ago than this."""
        confirmed_at = self._confirmed_at.get(question)
        return confirmed_at is not None and 0 <= self._now() - confirmed_at < milliseconds

    def empty_believed(self, question: Question) -> bool:
        """Tell whether an empty answer to a question may be believed without another request."""
        return self.within(question, EMPTY_BELIEVED_MS)

    def forget(self, question: Question) -> None:
        """Confirm the next empty answer to a question, because this one had rows."""
        self._confirmed_at.pop(question, None)

    def clear(self) -> None:
        """Forget every confirmation."""
        self._confirmed_at.clear()
