"""Users of Home Assistant, and the persons that they are."""

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser


async def user_in(hass: HomeAssistant, name: str, group_id: str | None) -> MockUser:
    """Return a new user of a group, None: in no group, so without any right."""
    group = None if group_id is None else await hass.auth.async_get_group(group_id)
    return MockUser(name=name, groups=[group] if group else []).add_to_hass(hass)


async def administrator(hass: HomeAssistant) -> MockUser:
    """Return a new administrator."""
    return await user_in(hass, "Root", GROUP_ID_ADMIN)


async def ordinary_user(hass: HomeAssistant, name: str = "Ben") -> MockUser:
    """Return a new user with the rights that Home Assistant gives to everybody."""
    return await user_in(hass, name, GROUP_ID_USER)


async def read_only_user(hass: HomeAssistant) -> MockUser:
    """Return a new user who may read every entity and control none."""
    return await user_in(hass, "Reader", GROUP_ID_READ_ONLY)


async def persons(hass: HomeAssistant, **users: User | None) -> None:
    """Let Home Assistant know persons by these names, each with a user or without."""
    known = [
        {"id": name.casefold(), "name": name, **({"user_id": user.id} if user is not None else {})}
        for name, user in users.items()
    ]
    assert await async_setup_component(hass, "person", {"person": known})
    await hass.async_block_till_done()


async def access_token(hass: HomeAssistant, user: User) -> str:
    """Return what a browser signs in with as a user."""
    token = await hass.auth.async_create_refresh_token(user, CLIENT_ID)
    return hass.auth.async_create_access_token(token)
