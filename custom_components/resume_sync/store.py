"""What an account remembers across restarts: its journal, and the ledgers of its pairs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, UnsupportedStorageVersionError
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from .const import DOMAIN, LOGGER
from .sync.journal import Journal
from .sync.ledger import Ledger

_VERSION = 1
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
    """What is remembered of one pair. `last_sync` is in milliseconds since the epoch, None before the first sync."""

    ledger: Ledger = field(default_factory=Ledger)
    automatic: bool = True
    last_sync: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PairState:
        """Restore a pair's state; raises ValueError, KeyError or TypeError where the data is none."""
        automatic, last_sync = data["automatic"], data["last_sync"]
        if not isinstance(automatic, bool) or not isinstance(last_sync, int | None):
            raise TypeError("Not the state of a pair")
        return cls(Ledger.from_dict(data["ledger"]), automatic, last_sync)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as it is stored."""
        return {"ledger": self.ledger.to_dict(), "automatic": self.automatic, "last_sync": self.last_sync}


class _CheckedStore(Store[dict[str, Any]]):
    """A store that remembers whether the last write reached the disk: the base class only logs that."""

    write_error: Exception | None = None

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        """Write the data, and note the error when that fails."""
        self.write_error = None
        try:
            await super()._async_write_data(data)
        except (SerializationError, WriteError) as error:
            self.write_error = error
            raise


class StateStore:
    """The state of one account, in memory and on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str, account: str) -> None:
        """Start with no history; `account` is the account's name, for messages."""
        self._hass = hass
        self._account = account
        self._store = _CheckedStore(hass, _VERSION, f"{DOMAIN}.{entry_id}", private=True, atomic_writes=True)
        self._saved: bytes | None = None
        self._save_is_due = False
        self._closed = False
        self.journal = Journal()
        self.pairs: dict[str, PairState] = {}

    async def async_load(self, subentry_ids: Collection[str]) -> bool:
        """Load the state of an account with these pairs; return False if what was stored had to be given up.

        A damaged file, or one that is not ours, means no history: nothing is ever concluded from that. Raises
        HomeAssistantError where the file cannot be read at all.
        """
        existed = await self._hass.async_add_executor_job(Path(self._store.path).exists)
        intact = True
        try:
            data = await self._store.async_load()
            if data is None:
                intact = not existed
            else:
                self._restore(data)
        except AttributeError, KeyError, TypeError, ValueError, NotImplementedError, UnsupportedStorageVersionError:
            LOGGER.warning("The stored state %s cannot be used; starting without history", self._store.key)
            intact = False
        self.pairs = {subentry_id: self.pairs.get(subentry_id) or PairState() for subentry_id in subentry_ids}
        return intact

    def _restore(self, data: Mapping[str, Any]) -> None:
        """Take over a stored state, all of it or nothing."""
        journal = Journal.from_dict(data["journal"])
        pairs = {subentry_id: PairState.from_dict(pair) for subentry_id, pair in data["pairs"].items()}
        self.journal, self.pairs = journal, pairs
        self._saved = json_bytes(dict(data))

    def _to_dict(self) -> dict[str, Any]:
        """Return the whole state as it is stored."""
        return {
            "journal": self.journal.to_dict(),
            "pairs": {subentry_id: pair.to_dict() for subentry_id, pair in self.pairs.items()},
        }

    async def async_save(self) -> None:
        """Write the state to disk now, if it has changed since it was last written; raises StateNotSaved."""
        data = self._to_dict()
        encoded = json_bytes(data)
        if self._closed or (encoded == self._saved and not self._save_is_due):
            return
        self._save_is_due = False
        await self._store.async_save(data)
        if self._store.write_error is not None:
            raise StateNotSaved(self._account) from self._store.write_error
        self._saved = encoded

    def async_save_later(self) -> None:
        """Write the state with the next save, at the latest in half an hour or when Home Assistant stops."""
        if not self._save_is_due and not self._closed:
            self._save_is_due = True
            self._store.async_delay_save(self._to_dict_later, _SAVE_LATER_SECONDS)

    async def async_close(self) -> None:
        """Write what was put off, and write nothing any more: what comes next works with a store of its own."""
        try:
            await self.async_save()
        except StateNotSaved:
            LOGGER.warning("The state of an account could not be saved before it was unloaded")
        self._closed = True

    def _to_dict_later(self) -> dict[str, Any]:
        """Return the whole state for a save that was put off until now."""
        self._save_is_due = False
        return self._to_dict()

    async def async_remove(self) -> None:
        """Delete the state from the disk."""
        await self._store.async_remove()
