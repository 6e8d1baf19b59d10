"""Somebody of the household as Home Assistant knows them: a person, and who of Home Assistant's users that is.

Accounts hold the id of a person, which stays when the person's entity is called otherwise.
"""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

PERSON: Final = "person"
USER_ID: Final = "user_id"


def person_entity(hass: HomeAssistant, person_id: str) -> str | None:
    """Return the entity of a person; None where the person is gone."""
    return er.async_get(hass).async_get_entity_id(PERSON, PERSON, person_id)


def person_of_entity(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the id of the person that an entity shows; None where it shows none."""
    entity = er.async_get(hass).async_get(entity_id)
    return entity.unique_id if entity is not None and entity.platform == PERSON else None


def user_of_person(hass: HomeAssistant, person_id: str) -> str | None:
    """Return the id of the user that a person signs in to Home Assistant as; None: the person is gone, or nobody's."""
    entity_id = person_entity(hass, person_id)
    state = hass.states.get(entity_id) if entity_id is not None else None
    user_id: Any = state.attributes.get(USER_ID) if state is not None else None
    return user_id if isinstance(user_id, str) else None


def namesake(hass: HomeAssistant, name: str) -> str | None:
    """Return the entity of the one person who is called as a user of a server is; None where there are none or two."""
    found = [state.entity_id for state in hass.states.async_all(PERSON) if state.name.casefold() == name.casefold()]
    return found[0] if len(found) == 1 else None
