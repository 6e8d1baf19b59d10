"""The actions by which somebody decides by hand: mappings, and single positions."""

from uuid import UUID

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv, service
import voluptuous as vol

from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from ..errors import refused
from ..pair.by_hand import async_map_item, async_set_position, async_unmap_item
from .asked_pairs import AskedPair, asked_pair
from .rights import Caller

SERVICE_MAP_ITEM = "map_item"
SERVICE_UNMAP_ITEM = "unmap_item"
SERVICE_SET_PROGRESS = "set_progress"

ATTR_SOURCE_ITEM = "source_item"
ATTR_TARGET_ITEM = "target_item"
ATTR_IGNORE = "ignore"
ATTR_ITEM_ID = "item_id"
ATTR_POSITION = "position"
ATTR_OFFSET = "offset"

_LONGEST_SECONDS = 360_000


def item_id(value: object) -> str:
    """Return an item's id as the servers write it: numbers as text, and GUIDs without dashes."""
    text: str = cv.string(value).strip()
    if not text or len(text) > 64 or not text.replace("-", "").isalnum():
        raise vol.Invalid("not an item id")
    try:
        return UUID(text).hex
    except ValueError:
        return text


MAP_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Required(ATTR_SOURCE_ITEM): item_id,
        vol.Optional(ATTR_TARGET_ITEM): item_id,
        vol.Optional(ATTR_IGNORE, default=False): cv.boolean,
    }
)
UNMAP_SCHEMA = vol.Schema({vol.Required(ATTR_DEVICE_ID): cv.string, vol.Required(ATTR_SOURCE_ITEM): item_id})
PROGRESS_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Required(ATTR_ITEM_ID): item_id,
        vol.Optional(ATTR_POSITION): vol.All(vol.Coerce(float), vol.Range(0, _LONGEST_SECONDS)),
        vol.Optional(ATTR_OFFSET): vol.All(vol.Coerce(float), vol.Range(-_LONGEST_SECONDS, _LONGEST_SECONDS)),
    }
)


@callback
def async_setup_services_by_hand(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema, responds in (
        (SERVICE_MAP_ITEM, _async_map_item, MAP_SCHEMA, SupportsResponse.NONE),
        (SERVICE_UNMAP_ITEM, _async_unmap_item, UNMAP_SCHEMA, SupportsResponse.NONE),
        (SERVICE_SET_PROGRESS, _async_set_progress, PROGRESS_SCHEMA, SupportsResponse.OPTIONAL),
    ):
        hass.services.async_register(DOMAIN, name, action, schema, responds)


async def _async_map_item(call: ServiceCall) -> None:
    """Remember which item of the other account an item is, or that it is to be ignored."""
    target_item: str | None = call.data.get(ATTR_TARGET_ITEM)
    if (target_item is None) is not call.data[ATTR_IGNORE]:
        raise refused("target_or_ignore")
    pair = await _async_pair_to_decide_in(call)
    await async_map_item(pair.coordinator, call.data[ATTR_SOURCE_ITEM], target_item)


async def _async_unmap_item(call: ServiceCall) -> None:
    """Forget what was said of an item."""
    pair = await _async_pair_to_decide_in(call)
    await async_unmap_item(pair.coordinator, call.data[ATTR_SOURCE_ITEM])


async def _async_pair_to_decide_in(call: ServiceCall) -> AskedPair:
    """Return the pair that an action was called for; raises Unauthorized where its titles are not the caller's."""
    caller = await Caller.of_action(call)
    pair = asked_pair(call.hass, call.data[ATTR_DEVICE_ID])
    caller.require(allowed=caller.may_decide_in(pair.entry, pair.subentry))
    return pair


async def _async_set_progress(call: ServiceCall) -> ServiceResponse:
    """Set where an item stands, as its viewer would, and return that."""
    position: float | None = call.data.get(ATTR_POSITION)
    offset: float | None = call.data.get(ATTR_OFFSET)
    seconds = position if offset is None else offset
    if seconds is None or (position is not None and offset is not None):
        raise refused("position_or_offset")
    entry: ResumeSyncConfigEntry = service.async_get_config_entry(call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID])
    caller = await Caller.of_action(call)
    caller.require(allowed=caller.may_decide([entry]))
    milliseconds = round(seconds * 1000)
    new = await async_set_position(
        call.hass,
        entry.runtime_data.account,
        call.data[ATTR_ITEM_ID],
        lambda held: milliseconds if offset is None else held + milliseconds,
    )
    return {"position": new // 1000}
