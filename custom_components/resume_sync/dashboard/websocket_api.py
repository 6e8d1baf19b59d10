"""What the cards subscribe to: one pair, and the table of everything in progress; and where their pictures are."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.components.websocket_api import (
    ERR_NOT_FOUND,
    ActiveConnection,
    async_register_command,
    event_message,
    websocket_command,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
import voluptuous as vol

from ..actions.asked_pairs import AskedPair, asked_pair
from ..actions.rights import Caller
from ..actions.rows import Row
from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from .artwork import signed_path, visible_account
from .feed import Feed
from .pair_overview import pair_overview
from .progress_table import progress_table

SUBSCRIBE_PAIR = f"{DOMAIN}/pair/subscribe"
SUBSCRIBE_PROGRESS = f"{DOMAIN}/progress/subscribe"
SIGN_ARTWORK = f"{DOMAIN}/artwork/sign"

ATTR_ITEM_IDS = "item_ids"
MOST_SIGNED = 100
"""How many pictures may be asked for with one message: those that somebody sees at once."""


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register_command(hass, _subscribe_pair)
    async_register_command(hass, _subscribe_progress)
    async_register_command(hass, _sign_artwork)


@websocket_command({vol.Required("type"): SUBSCRIBE_PAIR, vol.Required(ATTR_DEVICE_ID): str})
@callback
def _subscribe_pair(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell how the pair of a device is, to those who may read its status."""
    try:
        pair = asked_pair(hass, msg[ATTR_DEVICE_ID])
    except ServiceValidationError as error:
        connection.send_error(msg["id"], ERR_NOT_FOUND, str(error))
        return
    caller = Caller(hass, connection.user)
    caller.require(allowed=caller.may_read_pair(pair.subentry))
    _start(hass, connection, msg["id"], lambda: _overview(caller, pair))


@websocket_command({vol.Required("type"): SUBSCRIBE_PROGRESS})
@callback
def _subscribe_progress(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell where every title in progress stands on the accounts that the user may see."""
    _start(hass, connection, msg["id"], lambda: progress_table(Caller(hass, connection.user)))


@websocket_command(
    {
        vol.Required("type"): SIGN_ARTWORK,
        vol.Required(ATTR_CONFIG_ENTRY_ID): str,
        vol.Required(ATTR_ITEM_IDS): vol.All([vol.All(str, vol.Length(min=1, max=64))], vol.Length(max=MOST_SIGNED)),
    }
)
@callback
def _sign_artwork(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell where the posters of some items are, by item id; nothing of an account without pictures for this user."""
    entry_id = msg[ATTR_CONFIG_ENTRY_ID]
    is_shown = visible_account(Caller(hass, connection.user), entry_id) is not None
    wanted = msg[ATTR_ITEM_IDS] if is_shown else []
    token_id = connection.refresh_token_id
    connection.send_result(msg["id"], {one: signed_path(hass, entry_id, one, token_id) for one in wanted})


@callback
def _start(
    hass: HomeAssistant, connection: ActiveConnection, msg_id: int, build: Callable[[], Awaitable[dict[str, Any]]]
) -> None:
    """Subscribe a browser: it hears at once how things are, then of every change."""
    connection.send_result(msg_id)
    feed = Feed(hass, build, lambda news: connection.send_message(event_message(msg_id, news)))
    connection.subscriptions[msg_id] = feed.async_start()


async def _overview(caller: Caller, pair: AskedPair) -> Row:
    """Return how a pair is now, without titles that are not for the user; `gone` once it was deleted."""
    hass = caller.hass
    entry: ResumeSyncConfigEntry | None = hass.config_entries.async_get_entry(pair.entry.entry_id)
    subentry = entry.subentries.get(pair.subentry.subentry_id) if entry else None
    if entry is None or subentry is None or not caller.may_read_pair(subentry):
        return {"gone": True}
    overview = pair_overview(hass, entry, subentry, with_titles=caller.may_see_pair(entry, subentry))
    return overview | {"gone": False, "can_run": caller.may_sync(subentry)}
