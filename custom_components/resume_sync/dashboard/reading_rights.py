"""What a user of Home Assistant may see and do here: what the user's rights on the entities allow."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN


def may_see_account(hass: HomeAssistant, user: User, account_id: str) -> bool:
    """Tell whether a user may read what is in progress on an account, as its sensor shows it."""
    return _allows(hass, user, Platform.SENSOR, f"{account_id}_in_progress", POLICY_READ)


def may_see_pair(hass: HomeAssistant, user: User, subentry_id: str) -> bool:
    """Tell whether a user may read how a pair is, as its sensors show it."""
    return _allows(hass, user, Platform.SENSOR, f"{subentry_id}_status", POLICY_READ)


def may_run_pair(hass: HomeAssistant, user: User, subentry_id: str) -> bool:
    """Tell whether a user may sync a pair, as its button allows."""
    return _allows(hass, user, Platform.BUTTON, f"{subentry_id}_sync", POLICY_CONTROL)


def _allows(hass: HomeAssistant, user: User, platform: Platform, unique_id: str, right: str) -> bool:
    """Tell whether a user has a right on an entity; what has no entity is for administrators."""
    if user.is_admin:
        return True
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    return entity_id is not None and user.permissions.check_entity(entity_id, right)
