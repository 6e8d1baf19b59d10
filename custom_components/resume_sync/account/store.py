"""What an account remembers across restarts: its journal, its history, and the ledgers of its pairs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN, LOGGER
from ..sync.journal.journal import Journal
from ..sync.ledger import Ledger
from ..sync.run.history import History
from .history import HistoryFile
from .recent_titles import RecentTitles
from .safe_file import NotWritten, SafeFile
from .state_migration import VERSION, migrated

_SAVE_LATER_SECONDS = 1800


class StateNotSaved(HomeAssistantError):
    """The state of an account could not be written to disk: nothing may be written to a server now."""

    def __init__(self, account: str) -> None:
        """Keep whose state it is."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key="state_not_saved",
            translation_placeholders={"account": account},
        )
        self.account = account


@dataclass(slots=True)
class PairState:
    """What is remembered of one pair. `last_sync` is in milliseconds since the epoch, None before the first sync.

    `recent` is only shown to people: nothing is decided by it.
    """

    ledger: Ledger = field(default_factory=Ledger)
    automatic: bool = True
    last_sync: int | None = None
    recent: RecentTitles = field(default_factory=RecentTitles)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PairState:
        """Restore a pair's state; raises ValueError, KeyError or TypeError where the data is none."""
        automatic, last_sync = data["automatic"], data["last_sync"]
        if not isinstance(automatic, bool) or not isinstance(last_sync, int | None):
            raise TypeError("Not the state of a pair")
        recent = RecentTitles.from_dict(data.get("recent", {}))
        return cls(Ledger.from_dict(data["ledger"]), automatic, last_sync, recent)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as it is stored."""
        return {
            "ledger": self.ledger.to_dict(),
            "automatic": self.automatic,
            "last_sync": self.last_sync,
            "recent": self.recent.to_dict(),
        }

    def copy(self) -> PairState:
        """Return a state that stays as it is now."""
        return replace(self, ledger=self.ledger.copy(), recent=replace(self.recent))


@dataclass(slots=True)
class _State:
    """The whole state of an account as it was at one moment; nothing in it changes any more."""

    journal: Journal
    pairs: dict[str, PairState]

    @classmethod
    def of(cls, journal: Journal, pairs: Mapping[str, PairState]) -> _State:
        """Copy the containers: what they hold is frozen, so that this is quick with any number of titles."""
        return cls(journal.copy(), {subentry_id: pair.copy() for subentry_id, pair in pairs.items()})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> _State:
        """Restore a state; raises ValueError, KeyError or TypeError where the data is none."""
        pairs = {subentry_id: PairState.from_dict(pair) for subentry_id, pair in data["pairs"].items()}
        return cls(Journal.from_dict(data["journal"]), pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as it is stored."""
        return {
            "journal": self.journal.to_dict(),
            "pairs": {subentry_id: pair.to_dict() for subentry_id, pair in self.pairs.items()},
        }


class StateStore:
    """The state of one account, in memory and on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str, account: str) -> None:
        """Start with no history; `account` is the account's name, for messages."""
        self._account = account
        self._file = SafeFile(hass, VERSION, f"{DOMAIN}.{entry_id}", migrated)
        self._history = HistoryFile(hass, entry_id)
        self._saved: _State | None = None
        self._save_is_due = False
        self._closed = False
        self.journal = Journal()
        self.pairs: dict[str, PairState] = {}

    async def async_load(self, subentry_ids: Collection[str]) -> bool:
        """Load the state of an account with these pairs; return False if what was stored had to be given up.

        A damaged file, or one that is not ours, means no history: nothing is ever concluded from that. Raises
        HomeAssistantError where the file cannot be read at all.
        """
        await self._history.async_load()
        state, intact = await self._file.async_read(_State.from_dict)
        if state is not None:
            self.journal, self.pairs = state.journal, state.pairs
            self._saved = self._current()
        self.pairs = {subentry_id: self.pairs.get(subentry_id) or PairState() for subentry_id in subentry_ids}
        return intact

    @property
    def history(self) -> History:
        """What was written to the account."""
        return self._history.history

    def _current(self) -> _State:
        """Return the whole state as it is now."""
        return _State.of(self.journal, self.pairs)

    async def async_save(self) -> None:
        """Write history and state to disk now, where they have changed since; raises StateNotSaved."""
        if self._closed:
            return
        try:
            # The history first: a write that is expected has its line, whenever the power fails.
            await self._history.async_save()
            state = self._current()
            if state != self._saved or self._save_is_due:
                self._save_is_due = False
                await self._file.async_write(state)
                self._saved = state
        except NotWritten as error:
            raise StateNotSaved(self._account) from error

    def async_save_later(self) -> None:
        """Write the state with the next save, at the latest in half an hour or when Home Assistant stops."""
        if not self._save_is_due and not self._closed:
            self._save_is_due = True
            self._file.async_delay_save(self._current_later, _SAVE_LATER_SECONDS)

    async def async_close(self) -> None:
        """Write what was put off, and write nothing any more: what comes next works with a store of its own."""
        try:
            await self.async_save()
        except StateNotSaved:
            LOGGER.warning("The state of an account could not be saved before it was unloaded")
        self._closed = True

    def _current_later(self) -> _State:
        """Return the whole state for a save that was put off until now."""
        self._save_is_due = False
        return self._current()

    async def async_remove(self) -> None:
        """Delete state and history from the disk."""
        await self._file.async_remove()
        await self._history.async_remove()
