"""The history of an account on the disk, in a file of its own: it outlives a state that has to be given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..sync.run.history import History, Line, as_stored
from ..sync.serialization import to_json
from .rounds import now
from .safe_file import SafeFile

VERSION = 1

type _Encoded = Mapping[str, tuple[Line, dict[str, Any]]]


@dataclass(slots=True)
class _Moment:
    """A history as it was at one moment; of lines that were `encoded` for an earlier save this is not done again."""

    known_since: int
    lines: tuple[Line, ...]
    encoded: _Encoded

    def to_dict(self) -> dict[str, Any]:
        """Return the history as it is stored."""
        encoded = {}
        for line in self.lines:
            known = self.encoded.get(line.line_id)
            encoded[line.line_id] = known if known is not None and known[0] is line else (line, to_json(line))
        self.encoded = encoded
        return as_stored(self.known_since, (data for _, data in encoded.values()))


def _migrated(version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return a stored history; raises ValueError for a version that never was."""
    if version != VERSION:
        raise ValueError("A history of a version that never was")
    return data


class HistoryFile:
    """The history of one account, in memory and on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Start with no lines."""
        self._file = SafeFile(hass, VERSION, f"{DOMAIN}.{entry_id}.history", _migrated)
        self._encoded: _Encoded = {}
        self.history = History()
        self._saved_revision = 0

    async def async_load(self) -> None:
        """Load the history; where there is none, or none that can be used, it begins now."""
        stored, _ = await self._file.async_read(History.from_dict)
        self.history = History(now()) if stored is None else stored
        self._saved_revision = self.history.revision

    async def async_save(self) -> None:
        """Write the history to disk now, if it has changed since it was last written; raises NotWritten."""
        history, revision = self.history, self.history.revision
        if revision == self._saved_revision:
            return
        moment = _Moment(history.known_since, tuple(history.lines.values()), self._encoded)
        await self._file.async_write(moment)
        self._encoded, self._saved_revision = moment.encoded, revision

    async def async_remove(self) -> None:
        """Delete the history from the disk."""
        await self._file.async_remove()
