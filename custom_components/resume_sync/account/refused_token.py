"""When a token that its server refuses is tried again, and how the request to sign in is withdrawn.

A server may refuse a good token for a while: a Plex Media Server that is claimed anew or cannot reach plex.tv, a server
that is restored from a backup. So somebody is asked to sign in, the token is tried again with growing pauses, and once
it is accepted nobody is asked any more. Times are milliseconds since the epoch.
"""

from datetime import datetime
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_TOKEN
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_MINUTE_MS: Final = 60_000

PAUSES_MS: Final = tuple(minutes * _MINUTE_MS for minutes in (15, 30, 60, 120, 240, 360))
"""How long a token rests after its first refusal, after its second …; after the last of these it stays the same."""

_SLACK_MS: Final = _MINUTE_MS
"""Refusals are confirmed some seconds into a round: without it the round 15 minutes later would come too early."""


class AccountToken:
    """What is known of an account's token, also while the account is not set up."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Know nothing bad of the token."""
        self._hass = hass
        self._entry = entry
        self.value: str = entry.data[CONF_TOKEN]
        self._refusals = 0
        self._refused_at: int | None = None
        self._accepted_at = 0
        self._cancel_set_up: CALLBACK_TYPE | None = None

    def rests(self, time: int) -> bool:
        """Tell whether the token was refused so short a time ago that it is not to be tried yet.

        After a refusal at 21:00 it does not rest at 20:00: the clock was set back since then.
        """
        return 0 < self._rest_ms(time) <= self._pause_ms

    @callback
    def async_refused(self, time: int) -> None:
        """Ask somebody to sign in and let the token rest; an account that is not set up is set up again after that.

        Each refusal lets it rest for longer, until it was good for six hours. One that comes while it rests, because
        somebody wanted a sync, changes nothing.
        """
        if not self.rests(time):
            if self._refused_at is None and time - self._accepted_at >= PAUSES_MS[-1]:
                self._refusals = 0
            self._refusals += 1
            self._refused_at = time
        if self._entry.state is not ConfigEntryState.SETUP_IN_PROGRESS:
            self._entry.async_start_reauth(self._hass)
            return
        # Home Assistant itself asks to sign in here, and does not set such an account up again.
        self.async_stop()
        job = HassJob(self._set_up_again, f"{DOMAIN} set up again", cancel_on_shutdown=True)
        self._cancel_set_up = async_call_later(self._hass, self._rest_ms(time) / 1000, job)

    @callback
    def async_accepted(self, time: int) -> None:
        """Withdraw the request to sign in, if the token was refused before."""
        if self._refused_at is None:
            return
        self._refused_at, self._accepted_at = None, time
        self.async_stop()
        for flow in list(self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH})):
            self._hass.config_entries.flow.async_abort(flow["flow_id"])

    @callback
    def async_stop(self) -> None:
        """Do not set the account up again."""
        if self._cancel_set_up is not None:
            self._cancel_set_up()
            self._cancel_set_up = None

    @property
    def _pause_ms(self) -> int:
        """How long the token rests after its last refusal."""
        return PAUSES_MS[min(self._refusals, len(PAUSES_MS)) - 1] - _SLACK_MS

    def _rest_ms(self, time: int) -> int:
        """Return how much longer the token rests."""
        return 0 if self._refused_at is None else self._refused_at + self._pause_ms - time

    @callback
    def _set_up_again(self, _now: datetime) -> None:
        """Set the account up again, unless it was removed, disabled or set up meanwhile."""
        self._cancel_set_up = None
        if self._entry.state is ConfigEntryState.SETUP_ERROR:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)


_TOKENS: HassKey[dict[str, AccountToken]] = HassKey(f"{DOMAIN}_tokens")
"""By the id of the account's entry."""


@callback
def account_token(hass: HomeAssistant, entry: ConfigEntry) -> AccountToken:
    """Return what is known of an account's token: nothing yet where somebody has signed in since."""
    tokens = hass.data.setdefault(_TOKENS, {})
    known = tokens.get(entry.entry_id)
    if known is None or known.value != entry.data[CONF_TOKEN]:
        async_forget_token(hass, entry.entry_id)
        known = tokens[entry.entry_id] = AccountToken(hass, entry)
    return known


@callback
def async_forget_token(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the token of an account, which was removed or has another one now."""
    if (token := hass.data.get(_TOKENS, {}).pop(entry_id, None)) is not None:
        token.async_stop()
