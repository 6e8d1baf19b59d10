"""Whose accounts are: the persons of Home Assistant who are called as the users of the servers are."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.components.people import persons
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin

from .conftest import AddAccount
from .dialog import Dialog, add_account, add_pair, go_on


async def sign_in(hass: HomeAssistant, server: SimulatedJellyfin | SimulatedEmby, name: str) -> Dialog:
    """Go through the dialog of an account up to the password."""
    dialog = await add_account(hass, "jellyfin" if isinstance(server, SimulatedJellyfin) else "emby")
    await dialog.submit(url=server.url, verify_ssl=True)
    await dialog.choose("password")
    await dialog.submit(username=name, password=server.users[name].password)
    return dialog


@pytest.mark.parametrize("private", [True, False])
async def test_a_person_is_proposed(hass: HomeAssistant, jellyfin: SimulatedJellyfin, private: bool) -> None:
    """The one of the same name, who gets the account unless somebody says otherwise."""
    await persons(hass, anna=None, Ben=None)
    dialog = await sign_in(hass, jellyfin, "Anna")
    assert dialog.step["step_id"] == "person"
    assert dialog.suggested("person") == ["person.anna"]
    step = await dialog.submit(person=["person.anna"], private=private)

    assert step["result"].options == {"person": "anna", "private": private}


async def test_only_the_same_name(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Who only shares the name gets nothing, and nothing is private then."""
    await persons(hass, Anna=None)
    dialog = await sign_in(hass, jellyfin, "Anna")
    step = await dialog.submit(person=[], private=True)

    assert step["result"].options == {"private": False}


async def test_nobody_to_propose(hass: HomeAssistant, jellyfin: SimulatedJellyfin) -> None:
    """Without a person of the name nothing is asked; nor is it with two, of whom nobody knows which one is meant."""
    await persons(hass, Ben=None)
    hass.states.async_set("person.first", "home", {"friendly_name": "Root"})
    hass.states.async_set("person.second", "home", {"friendly_name": "Root"})
    for name in ("Anna", "Root"):
        dialog = await sign_in(hass, jellyfin, name)
        assert dialog.step["type"] is FlowResultType.CREATE_ENTRY
        assert dialog.step["result"].options == {}


async def test_a_household(hass: HomeAssistant, emby: SimulatedEmby) -> None:
    """It is asked once for all of them."""
    emby.add_user("Kid", "")
    await persons(hass, Anna=None, Root=None)
    dialog = await add_account(hass, "emby")
    await dialog.submit(url=emby.url, verify_ssl=True)
    await dialog.choose("api_key")
    await dialog.submit(api_key=emby.add_api_key())
    await dialog.submit(user_id=[user.user_id for user in emby.users.values()])
    assert dialog.step["step_id"] == "person"
    assert set(dialog.suggested("person")) == {"person.anna", "person.root"}
    await dialog.submit(person=["person.anna"], private=True)

    options = {entry.title: entry.options for entry in hass.config_entries.async_entries("resume_sync")}
    assert options == {
        "Emby (Anna)": {"person": "anna", "private": True},
        "Emby (Root)": {"private": False},
        "Emby (Kid)": {},
    }


async def test_pairs_of_one_person(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, emby: SimulatedEmby, add: AddAccount
) -> None:
    """The dialog of a pair opens by itself for the same name, and is not opened for somebody else."""
    first: ConfigEntry = await add(jellyfin, "Anna")
    dialog = await sign_in(hass, emby, "Root")
    assert "next_flow" not in dialog.step
    pair = await add_pair(hass, dialog.step["result"])
    assert first.unique_id in pair.options("peer"), "by hand everybody can be chosen"
    pair.close()
    jellyfin.add_user("Ben", "secret")
    await add(jellyfin, "Ben")
    pair = await add_pair(hass, dialog.step["result"])
    assert pair.suggested("peer") is None, "nobody of two others is likelier"
    pair.close()
    dialog = await sign_in(hass, emby, "Anna")
    assert go_on(hass, dialog.step).suggested("peer") == first.unique_id


async def test_one_person_of_two_names(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, emby: SimulatedEmby, add: AddAccount
) -> None:
    """Two accounts of one person belong together whatever their users are called; two people's do not."""
    root = await add(jellyfin, "Root")
    anna = await add(jellyfin, "Anna")
    await persons(hass, Anna=None, Ben=None)
    hass.config_entries.async_update_entry(root, options={"person": "anna", "private": False})
    hass.config_entries.async_update_entry(anna, options={"person": "ben", "private": False})
    await hass.async_block_till_done()
    dialog = await sign_in(hass, emby, "Anna")
    await dialog.submit(person=["person.anna"], private=False)

    assert go_on(hass, dialog.step).suggested("peer") == root.unique_id
