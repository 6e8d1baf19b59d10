"""One account: its media server, its saved state, and what is in progress there."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import CONF_LIBRARIES, DOMAIN, LOGGER
from ..errors import cause_of, retry_after, translation_key
from ..servers.sign_in import ServerInfo
from ..sync.media_server import AnotherServer, CannotConnect, InvalidAuth, MediaServerError, ServerBusy
from ..sync.model import Snapshot
from ..sync.plan.decision import AccountError
from ..sync.run.account import Account, WriteCounts
from .client import AccountServer
from .refused_token import account_token
from .rounds import interval_until, next_round, now, round_start
from .signals import signal_account_back
from .store import StateStore


class AccountCoordinator(DataUpdateCoordinator[Snapshot]):
    """Reads what is in progress for one account, and owns what its pairs share.

    `lock` is held by whatever reads or writes the account: runs that share an account never overlap.
    """

    config_entry: ConfigEntry
    info: ServerInfo

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, client: AccountServer, store: StateStore) -> None:
        """Set up the account; nothing is read yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=interval_until(next_round(now()), now()),
        )
        self.client = client
        self.store = store
        libraries = entry.options.get(CONF_LIBRARIES, [])
        account_id = entry.unique_id or entry.entry_id
        self.account = Account(account_id, entry.title, client, store.journal, libraries, history=store.history)
        self.lock = asyncio.Lock()
        self.runs: set[asyncio.Task[object]] = set()
        self._token = account_token(hass, entry)
        self._error: MediaServerError | None = None
        self._error_listeners: list[Callable[[MediaServerError | None], None]] = []
        self._failed_at = 0
        self._told_counts = WriteCounts()

    @callback
    def async_add_error_listener(self, listener: Callable[[MediaServerError | None], None]) -> CALLBACK_TYPE:
        """Tell how asking the server ended, each time: the error, None for none. Return how to stop that."""
        self._error_listeners.append(listener)
        return lambda: self._error_listeners.remove(listener)

    def known_error(self, not_before: int) -> MediaServerError | None:
        """Return what asking the server now would end in, so that automatic runs can spare it; None: who knows.

        It wants to be left alone for longer, it refused the token and that is not to be tried yet, or it could not be
        read in this round, that is since `not_before`.
        """
        error = self._error
        if isinstance(error, ServerBusy) and (delay := retry_after(error)) is not None:
            rest = delay - (now() - self._failed_at) / 1000
            return ServerBusy(str(error), rest) if rest > 0 else None
        if isinstance(error, InvalidAuth):
            return error if self._token.rests(now()) else None
        return error if self._failed_at >= not_before else None

    @property
    def is_refused(self) -> bool:
        """Whether the server refused the token when it was last asked."""
        return isinstance(self._error, InvalidAuth)

    @override
    async def _async_setup(self) -> None:
        """Check that this is the right server and that it accepts the account's token."""
        try:
            self.info = await self.client.verify()
        except MediaServerError as error:
            raise self._failure(error) from error

    @override
    async def _async_update_data(self) -> Snapshot:
        """Read what is in progress, unless a run of this round has just read it."""
        not_before = round_start(now())
        self.update_interval = interval_until(next_round(now()), now())
        try:
            async with self.lock:
                if (known := self.known_error(not_before)) is not None:
                    raise known
                await self.account.read(not_before, now)
        except AccountError as error:
            raise self._failure(cause_of(error)) from error
        except MediaServerError as error:
            raise self._failure(error) from error
        self._answered()
        if not self.last_update_success:
            self._announce_return()
        return self._in_progress()

    async def async_read_anew(self) -> int | None:
        """Read what is in progress now, and return when that read left; None where the server fails."""
        try:
            async with self.lock:
                if self.known_error(now()) is not None:
                    return None
                snapshot = await self.account.read(now(), now)
        except AccountError as error:
            self.async_request_failed(cause_of(error))
            return None
        self.async_publish()
        return snapshot.read_at

    @callback
    def async_publish(self) -> None:
        """Show what a run has just read and written, and skip this account's own refresh of the same round."""
        self._tell_disturbed()
        snapshot = self._in_progress()
        if snapshot == self.data and self.last_update_success:
            return
        was_away = not self.last_update_success
        self._answered()
        self.update_interval = interval_until(next_round(now()), now())
        self.async_set_updated_data(snapshot)
        if was_away:
            self._announce_return()

    @callback
    def async_request_failed(self, error: MediaServerError) -> None:
        """Take note of an error that a run met at this account's server."""
        if not isinstance(error, AnotherServer | CannotConnect | InvalidAuth | ServerBusy):
            return
        self.async_set_update_error(self._failure(error))

    async def async_end_runs(self, _event: Event | None = None) -> None:
        """Cancel all runs that use this account, and wait until they have ended."""
        while runs := [run for run in self.runs if not run.done()]:
            for run in runs:
                run.cancel()
            await asyncio.wait(runs)

    def _answered(self) -> None:
        """Forget the last error: the server has answered, and accepted the token."""
        self._note_error(None)
        self._token.async_accepted(now())

    def _failure(self, error: MediaServerError) -> UpdateFailed | ConfigEntryAuthFailed:
        """Return what the coordinator raises for a server's error, and remember the error.

        After a `ConfigEntryAuthFailed` nothing is refreshed any more, so that one is only for accounts not set up yet.
        """
        if error is not self.known_error(0):
            self._failed_at = now()
            self._note_error(error)
            if isinstance(error, InvalidAuth):
                self._token.async_refused(now())
        placeholders = {"account": self.config_entry.title}
        key = translation_key(error)
        if isinstance(error, InvalidAuth) and self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS:
            return ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
            )
        delay = retry_after(error)
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
            retry_after=None if delay is None else delay + 1,
        )

    @callback
    def _note_error(self, error: MediaServerError | None) -> None:
        """Remember how asking the server ended."""
        self._error = error
        for listener in self._error_listeners:
            listener(error)

    def _tell_disturbed(self) -> None:
        """Warn where writes took more than positions."""
        counts = self.account.write_counts
        told, self._told_counts = self._told_counts, replace(counts)
        if counts.disturbed > told.disturbed:
            LOGGER.warning(
                "%s: writing positions took something else away (watched mark, play count, favourite, rating or date); "
                "titles: %d, of these put back: %d",
                self.name,
                counts.disturbed - told.disturbed,
                counts.repaired - told.repaired,
            )

    def _in_progress(self) -> Snapshot:
        """Return what was read last, with what was written since."""
        return self.account.snapshot or self.data

    @callback
    def _announce_return(self) -> None:
        """Tell the pairs of this account that its server answers again."""
        async_dispatcher_send(self.hass, signal_account_back(self.config_entry.unique_id))
