"""A file of one account in Home Assistant's storage, of which is known whether it reached the disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.json import SerializationError

from ..const import LOGGER


class Storable(Protocol):
    """What is stored, as it was at one moment: nothing in it changes any more."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is stored."""


class NotWritten(Exception):
    """A file could not be written to disk."""


class SafeFile(Store[Any]):
    """A private file that is turned into JSON in a thread: with thousands of titles that takes a while.

    Remembers whether the last write reached the disk: the base class only logs that.
    """

    write_error: Exception | None = None

    def __init__(
        self, hass: HomeAssistant, version: int, key: str, migrated: Callable[[int, dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Name the file; `migrated` turns what an earlier version has stored into the present form, or raises."""
        super().__init__(hass, version, key, private=True, atomic_writes=True, serialize_in_event_loop=False)
        self._migrated = migrated

    async def async_read[T](self, restore: Callable[[Any], T]) -> tuple[T | None, bool]:
        """Return what is stored, None for nothing, and whether nothing had to be given up.

        A damaged file, or one that is not ours, means that nothing is known. Raises HomeAssistantError where the file
        cannot be read at all.
        """
        existed = await self.hass.async_add_executor_job(Path(self.path).exists)
        try:
            data = await self.async_load()
            if data is None:
                return None, not existed
            return await self.hass.async_add_executor_job(restore, data), True
        except AttributeError, KeyError, TypeError, ValueError, NotImplementedError, UnsupportedStorageVersionError:
            LOGGER.warning("What is stored in %s cannot be used; starting without it", self.key)
            return None, False

    async def async_write(self, stored: Storable) -> None:
        """Write to disk now; raises NotWritten."""
        await self.async_save(stored)
        if self.write_error is not None:
            raise NotWritten(self.key) from self.write_error

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Return data of an earlier version in the present form; of a higher minor version it stays as it is."""
        return await self.hass.async_add_executor_job(self._migrated, old_major_version, old_data)

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        """Write what is stored, or data as the base class writes it after a migration; note the error if that fails."""
        self.write_error = None
        stored = data.pop("data_func")() if "data_func" in data else data["data"]
        is_plain = isinstance(stored, dict)
        data["data"] = stored if is_plain else await self.hass.async_add_executor_job(stored.to_dict)
        try:
            await super()._async_write_data(data)
        except (SerializationError, WriteError) as error:
            self.write_error = error
            raise
