"""Resume Sync keeps "Continue watching" aligned between Plex, Jellyfin and Emby."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account.client import create_artwork, create_client
from .account.coordinator import AccountCoordinator
from .account.live_updates import LiveUpdates
from .account.loaded import async_add_account
from .account.refused_token import async_forget_token
from .account.store import StateStore
from .const import CONF_ARTWORK, CONF_LIBRARIES, DOMAIN, SUBENTRY_TYPE_PAIR
from .dashboard.artwork import POSTERS, async_setup_artwork
from .dashboard.modules import async_offer_dashboard, async_serve_modules, async_withdraw_dashboard
from .dashboard.websocket_api import async_setup_websocket_api
from .data import ResumeSyncConfigEntry, ResumeSyncData
from .entity import account_device
from .issues.issues import (
    async_create_state_reset,
    async_delete_account_issues,
    async_delete_pair_issues,
    async_update_cards_missing,
)
from .issues.watch import async_watch_account, async_watch_pair
from .pair.coordinator import PairCoordinator
from .pair.names import async_follow_names
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = [Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.SENSOR, Platform.SWITCH]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions, and what the dashboard is made of."""
    async_setup_services(hass)
    async_follow_names(hass)
    async_setup_websocket_api(hass)
    async_setup_artwork(hass)
    async_update_cards_missing(hass, is_missing=not await async_serve_modules(hass))
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ResumeSyncConfigEntry) -> bool:
    """Set up an account and its pairs."""
    async_offer_dashboard(hass)
    client = create_client(hass, entry.data, entry.options.get(CONF_LIBRARIES, []))
    entry.async_on_unload(client.close)
    subentries = {pair.subentry_id: pair for pair in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)}
    store = StateStore(hass, entry.entry_id, entry.title)
    try:
        intact = await store.async_load(subentries)
    except HomeAssistantError as error:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="state_not_read",
            translation_placeholders={"account": entry.title},
        ) from error
    if not intact:
        async_create_state_reset(hass, entry.entry_id, entry.title)
    account = AccountCoordinator(hass, entry, client, store)
    entry.async_on_unload(async_watch_account(hass, account))
    await account.async_config_entry_first_refresh()

    entry.runtime_data = ResumeSyncData(
        account,
        LiveUpdates(hass, account),
        create_artwork(hass, entry.data) if entry.options.get(CONF_ARTWORK, True) else None,
        {
            subentry_id: PairCoordinator(hass, entry, subentry, account, store.pairs[subentry_id])
            for subentry_id, subentry in subentries.items()
        },
    )
    entry.async_on_unload(async_add_account(hass, account))
    async_delete_pair_issues(hass, entry.entry_id, but_of=subentries)
    # Pairs find their account's device by its identifier, whichever platform comes first.
    dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, **account_device(account))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, account.async_end_runs))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    # Accounts and pairs keep running also if all of their entities are disabled.
    entry.async_on_unload(account.async_add_listener(lambda: None))
    for pair in entry.runtime_data.pairs.values():
        entry.async_on_unload(async_watch_pair(hass, pair))
        pair.async_start()
    entry.runtime_data.live.async_start()
    return True


async def _async_reload(hass: HomeAssistant, entry: ResumeSyncConfigEntry) -> None:
    """Set an account up anew after it, or one of its pairs, was changed."""
    await hass.config_entries.async_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: ResumeSyncConfigEntry) -> bool:
    """End all runs of an account first, then unload it with its pairs."""
    data = entry.runtime_data
    await data.account.async_shutdown()
    for pair in data.pairs.values():
        await pair.async_shutdown()
    await data.account.async_end_runs()
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    await data.account.store.async_close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ResumeSyncConfigEntry) -> None:
    """Delete what was stored of an account and asked about it."""
    async_forget_token(hass, entry.entry_id)
    hass.data[POSTERS].forget(entry.entry_id)
    await StateStore(hass, entry.entry_id, entry.title).async_remove()
    async_delete_account_issues(hass, entry.entry_id)
    async_delete_pair_issues(hass, entry.entry_id)
    async_withdraw_dashboard(hass)
