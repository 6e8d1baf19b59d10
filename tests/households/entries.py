"""Accounts and pairs as Home Assistant keeps them, for tests that do not go through the dialogs."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.resume_sync.const import DOMAIN

from .doors import Door


def account_entry(entry_id: str, door: Door, *pairs: ConfigSubentryDataWithId, **data: Any) -> MockConfigEntry:
    """Return an account, not yet in Home Assistant; `data` replaces what its sign-in left."""
    return MockConfigEntry(
        domain=DOMAIN,
        entry_id=entry_id,
        unique_id=door.unique_id,
        title=f"{door.server_name} ({door.user})",
        data={
            "type": door.kind.value,
            "url": door.url,
            "verify_ssl": True,
            "token": door.token,
            "server_id": door.server_id,
            "server_name": door.server_name,
            "user_id": door.user_id,
            "user_name": door.user,
            "device_id": door.device_id,
            **data,
        },
        subentries_data=pairs,
    )


def pair_with(peer_id: str, name: str, *, pair_id: str | None = None, **data: Any) -> ConfigSubentryDataWithId:
    """Return a two-way pair with the account of that unique id; `data` are its rules."""
    return ConfigSubentryDataWithId(
        data={"peer": peer_id, "direction": "two_way", **data},
        subentry_id=pair_id or f"pair-{name}",
        subentry_type="pair",
        title=f"with {name}",
        unique_id=peer_id,
    )
