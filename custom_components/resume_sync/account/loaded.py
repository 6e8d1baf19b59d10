"""The accounts that are set up now: how pairs find the account across, which a reload replaces."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_USER_NAME, DOMAIN
from ..errors import RunFailed
from ..sync.journal.journal import Journal
from ..sync.model import ServerType
from .coordinator import AccountCoordinator

_ACCOUNTS: HassKey[dict[str, AccountCoordinator]] = HassKey(f"{DOMAIN}_accounts")
"""By the id of the account's entry."""


@callback
def async_add_account(hass: HomeAssistant, account: AccountCoordinator) -> CALLBACK_TYPE:
    """Let pairs find an account that is set up; return how to take that back."""
    accounts, entry_id = hass.data.setdefault(_ACCOUNTS, {}), account.config_entry.entry_id
    accounts[entry_id] = account
    account.account.journal.kin = lambda: _marked_together(hass, account)

    def remove() -> None:
        del accounts[entry_id]

    return remove


def _marked_together(hass: HomeAssistant, account: AccountCoordinator) -> list[Journal]:
    """Return the journals of a user's accounts on other Plex servers: plex.tv copies watched marks between them."""
    user = account.config_entry.data[CONF_USER_NAME]
    return [
        other.account.journal
        for other in loaded_accounts(hass)
        if other is not account
        and {account.info.server_type, other.info.server_type} == {ServerType.PLEX}
        and other.config_entry.data[CONF_USER_NAME] == user
    ]


@callback
def loaded_accounts(hass: HomeAssistant) -> list[AccountCoordinator]:
    """Return all accounts that are set up."""
    accounts = hass.data.get(_ACCOUNTS, {}).values()
    return [account for account in accounts if account.config_entry.state is ConfigEntryState.LOADED]


@callback
def loaded_account(hass: HomeAssistant, entry: ConfigEntry) -> AccountCoordinator:
    """Return the account of an entry; raises RunFailed where it is not set up."""
    if entry.state is not ConfigEntryState.LOADED:
        raise RunFailed("account_not_loaded", {"account": entry.title}, waiting=True)
    return hass.data[_ACCOUNTS][entry.entry_id]
