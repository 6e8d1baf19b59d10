"""What an account's server tells by itself, and how soon after a stop its pairs run."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
import os
from random import uniform

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..const import DOMAIN, LOGGER
from ..sync.journal.edit import NOISE_MS
from ..sync.journal.trail import Heard
from ..sync.media_server import (
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotSupported,
    PushedTooMuch,
    PushEvent,
    PushKind,
)
from ..sync.model import Snapshot
from .coordinator import AccountCoordinator
from .rounds import now
from .session_poll import session_events
from .signals import signal_account_moved, signal_library_changed

SETTLE_SECONDS = (0.6, 1.5, 3.0)
"""How long to wait for what was told to be stored: before the first look, and before each of the next ones."""

LIBRARY_SETTLE_SECONDS = 60.0
RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
"""The pauses between tries to listen; any read that succeeds ends them early."""

REFUSED_SECONDS = 3600.0
TOO_MUCH_SECONDS = 300.0
_JITTER = 0.3
_LONGEST_BURST = 5
_MOST_TOLD = 256
_ENDS = frozenset({PushKind.STOPPED, PushKind.PAUSED, PushKind.MARKED})


class LiveUpdates:
    """One account's connection for push, kept up as long as the account is loaded.

    `connected` tells whether stops are heard of, by push or by the light poll that takes its place. Tests that move the
    clock by hours do without: no connection survives that (RESUME_SYNC_LIVE_UPDATES=off).
    """

    def __init__(self, hass: HomeAssistant, server: AccountCoordinator) -> None:
        """Hear nothing before `async_start`."""
        self.connected = False
        self._hass = hass
        self._server = server
        self._told: dict[str | None, PushEvent] = {}
        self._settling: asyncio.Task[None] | None = None
        self._library_settling: asyncio.Task[None] | None = None
        self._was_connected = False
        self._told_errors: set[str] = set()

    @callback
    def async_start(self) -> None:
        """Listen from now on, until the account is unloaded."""
        if os.environ.get("RESUME_SYNC_LIVE_UPDATES") != "off":
            self._server.config_entry.async_create_background_task(self._hass, self._run(), f"{DOMAIN} live updates")

    async def _run(self) -> None:
        """Listen for good: reconnect with growing pauses, and look at sessions where push is refused or too much.

        A token that the server refuses is tried by the account, not here. Whatever else ends it, it starts again.
        """
        failures = 0
        push_from = 0
        while True:
            if self._server.is_refused:
                await self._pause(RETRY_SECONDS[-1])
                continue
            started = now()
            by_push = push_from <= started
            try:
                await self._listen(None if by_push else (push_from - started) / 1000)
            except TimeoutError:
                continue
            except (NotAllowed, NotSupported) as error:
                LOGGER.debug("%s: live updates are refused: %s", self._server.name, error)
                if not by_push:
                    await asyncio.sleep((push_from - now()) / 1000)
                    continue
                pause = TOO_MUCH_SECONDS if isinstance(error, PushedTooMuch) else REFUSED_SECONDS
                push_from = now() + round(pause * 1000)
                continue
            except InvalidAuth:
                # The token may have been revoked a moment ago: the account finds out, and asks somebody to sign in.
                await self._server.async_read_anew()
                failures = len(RETRY_SECONDS)
            except MediaServerError as error:
                LOGGER.debug("%s: live updates ended: %s", self._server.name, error)
            except Exception as error:  # noqa: BLE001  # whatever it is, stops have to be heard of again
                self._tell_unexpected(error)
            finally:
                self._server.account.journal.plays.lose()
                self._show(connected=False)
            failures = 1 if now() - started > RETRY_SECONDS[-1] * 1000 else failures + 1
            pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
            await self._pause(pause * uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311 - no secret is made of it

    async def _pause(self, seconds: float) -> None:
        """Wait before the next try, but no longer than until a read shows that the server is back."""
        answered = asyncio.Event()
        stop = self._server.async_add_error_listener(lambda error: None if error else answered.set())
        try:
            async with asyncio.timeout(seconds):
                await answered.wait()
        except TimeoutError:
            pass
        finally:
            stop()

    def _tell_unexpected(self, error: Exception) -> None:
        """Log an error that nobody expected, each kind of it once, with where it came from."""
        if repr(error) not in self._told_errors:
            self._told_errors.add(repr(error))
            LOGGER.error("%s: live updates ended unexpectedly and start again", self._server.name, exc_info=error)

    async def _listen(self, poll_seconds: float | None) -> None:
        """Listen until the connection ends; raises why it did.

        `poll_seconds`: look at sessions instead, and raise TimeoutError so much later.
        """
        client, by_push = self._server.client, poll_seconds is None
        listening = client.events() if by_push else session_events(client, now)
        async with asyncio.timeout(poll_seconds), aclosing(listening) as events:
            async for event in events:
                self._take(event, exact=by_push)

    @callback
    def _take(self, event: PushEvent, *, exact: bool) -> None:
        """Take note of one event; `exact`: it came when it happened."""
        self._take_sessions(event, exact=exact)
        if event.kind is PushKind.CONNECTED:
            self._show(connected=True)
            if self._was_connected:
                self._look_at_all(event)
            self._was_connected = True
        elif event.kind is PushKind.LIBRARY_CHANGED:
            self._settle_library()
        elif event.item_id is not None:
            self._take_item(event, event.item_id, exact=exact)
        elif event.kind in _ENDS:
            self._look_at_all(event)

    @callback
    def _take_sessions(self, event: PushEvent, *, exact: bool) -> None:
        """Note what sessions do, as evidence for the next reads."""
        plays = self._server.account.journal.plays
        if event.sessions is not None:
            plays.note(event.sessions)
        if event.kind is PushKind.CONNECTED and exact:
            plays.hear(event.at)
        elif event.kind is PushKind.CONNECTED:
            plays.look(event.at)

    @callback
    def _look_at_all(self, event: PushEvent) -> None:
        """Look soon, for what was told of no item in particular."""
        self._told[None] = event
        self._settle()

    @callback
    def _take_item(self, event: PushEvent, item_id: str, *, exact: bool) -> None:
        """Take note of what somebody did to an item: our own writes come back as events too.

        Servers tell of a stop with the position that the app had reported before it; what they stored comes after it.
        """
        journal = self._server.account.journal
        if event.kind is PushKind.PLAYED:
            journal.note_push(item_id, None)
            self._told.pop(item_id, None)
        elif event.kind in _ENDS and not self._is_known(event, item_id):
            ended = self._told.get(item_id) if event.kind is PushKind.MARKED else None
            told = event if ended is None else replace(ended, position_ms=event.position_ms)
            if exact:
                journal.note_push(item_id, Heard(told.at, told.position_ms, mark=told.kind is PushKind.MARKED))
            if len(self._told) >= _MOST_TOLD and item_id not in self._told:
                self._look_at_all(event)
                return
            self._told[item_id] = told
            self._settle()

    def _is_known(self, event: PushEvent, item_id: str) -> bool:
        """Tell whether an event tells of a write of ours, or of what was read since it happened."""
        account = self._server.account
        if account.journal.is_ours(item_id, event.position_ms, now()):
            return True
        state = account.state(item_id)
        if event.kind is not PushKind.MARKED or state is None or event.position_ms is None:
            return False
        return abs(state.position_ms - event.position_ms) < NOISE_MS

    @callback
    def _show(self, *, connected: bool) -> None:
        """Show whether stops are heard of."""
        if self.connected is not connected:
            self.connected = connected
            self._server.async_update_listeners()

    @callback
    def _settle(self) -> None:
        """Look soon, unless that is on its way."""
        if self._settling is None or self._settling.done():
            self._settling = self._server.config_entry.async_create_background_task(
                self._hass, self._look_until_stored(), f"{DOMAIN} live look"
            )

    @callback
    def _settle_library(self) -> None:
        """Tell the pairs once the library has been quiet for a while."""
        if self._library_settling is not None:
            self._library_settling.cancel()
        self._library_settling = self._server.config_entry.async_create_background_task(
            self._hass, self._tell_library_changed(), f"{DOMAIN} live library"
        )

    async def _tell_library_changed(self) -> None:
        """Tell the pairs that look-ups that failed may not fail any more."""
        await asyncio.sleep(LIBRARY_SETTLE_SECONDS)
        async_dispatcher_send(self._hass, signal_library_changed(self._server.config_entry.unique_id))

    async def _look_until_stored(self) -> None:
        """Read what is in progress until it shows what was told, a few times at most; then let the pairs run."""
        while self._told:
            before = self._server.account.snapshot
            for seconds in SETTLE_SECONDS:
                await self._until_quiet(seconds)
                told, read_at = dict(self._told), await self._server.async_read_anew()
                snapshot = self._server.account.snapshot
                if read_at is None or snapshot is None:
                    self._told.clear()
                    return
                if all(_is_shown(event, before, snapshot) for event in told.values()):
                    break
            self._told = {item_id: event for item_id, event in self._told.items() if told.get(item_id) is not event}
            async_dispatcher_send(self._hass, signal_account_moved(self._server.config_entry.unique_id), read_at)

    async def _until_quiet(self, seconds: float) -> None:
        """Wait until nothing new was told for a while, but not for ever."""
        for _ in range(_LONGEST_BURST):
            told = dict(self._told)
            await asyncio.sleep(seconds)
            if told == self._told:
                return


def _is_shown(event: PushEvent, before: Snapshot | None, after: Snapshot) -> bool:
    """Tell whether a listing shows what was told, or something new."""
    if event.item_id is None:
        return True
    state = after.items.get(event.item_id)
    known = before.items.get(event.item_id) if before else None
    if state is None:
        return known is not None or event.position_ms is None
    told = event.position_ms is not None and abs(state.position_ms - event.position_ms) < NOISE_MS
    return told or known is None or state.position_ms != known.position_ms
