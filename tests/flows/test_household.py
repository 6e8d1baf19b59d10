"""A household in one go: everybody whom a sign-in may act for, and the pairs of each with themselves."""

from collections.abc import AsyncIterator

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from tests.simulators.faults import Status, Tampered
from tests.simulators.plex_tv.server import PlexTv

from .dialog import add_pair, go_on
from .family import PEOPLE, PIN, Family, family_at_home
from .pair_dialog import FLAT, RULES, at_preview, pairs
from .texts import read


@pytest.fixture
async def family(hass: HomeAssistant, plex_tv: PlexTv) -> AsyncIterator[Family]:
    """Three servers that four people share."""
    async with family_at_home(hass, plex_tv) as family:
        yield family


async def test_everybody_on_plex(hass: HomeAssistant, family: Family) -> None:
    """Each becomes an account with a client and a token of their own, which nobody else's requests carry."""
    dialog = await family.add_all_on_plex()
    await hass.async_block_till_done()

    assert dialog.step["title"] == "Plex (Olga)"
    assert "next_flow" not in dialog.step
    assert family.names() == ["Plex (Anna)", "Plex (Ben)", "Plex (Kid)", "Plex (Olga)"]
    entries = [family.entry(name, "plex") for name in PEOPLE]
    assert [entry.data["token"] for entry in entries] == [family.plex.token(name) for name in PEOPLE]
    assert len({entry.data["device_id"] for entry in entries}) == 4
    assert {entry.state for entry in entries} == {ConfigEntryState.LOADED}
    assert entries[0].data["user_id"] == "1"
    assert entries[1].unique_id == f"{family.plex.machine_id}_{family.plex_id('Anna')}"
    assert family.acted_for(family.plex) == {
        entry.data["device_id"]: {name} for entry, name in zip(entries, PEOPLE, strict=True)
    }


@pytest.mark.parametrize("kind", ["jellyfin", "emby"])
async def test_everybody_of_an_api_key(hass: HomeAssistant, family: Family, kind: str) -> None:
    """Each becomes an account that acts for its own user alone."""
    server = family.jellyfin if kind == "jellyfin" else family.emby
    await family.add_all(server)
    await hass.async_block_till_done()

    entries = [family.entry(name, kind) for name in PEOPLE]
    assert [entry.data["user_id"] for entry in entries] == [server.users[name].user_id for name in PEOPLE]
    assert {entry.state for entry in entries} == {ConfigEntryState.LOADED}
    acted = family.acted_for(server)
    assert [acted.pop(entry.data["device_id"]) for entry in entries] == [{name} for name in PEOPLE]
    assert list(acted.values()) == [set()]


async def test_one_of_several(hass: HomeAssistant, family: Family) -> None:
    """One choice in a list is the same as one by itself; none at all is told at the field."""
    dialog = await family.at_users(family.jellyfin)
    assert dialog.suggested("user_id") == []
    await dialog.submit(user_id=[])
    assert dialog.step["errors"] == {"user_id": "nobody_chosen"}
    ben = family.jellyfin.users["Ben"].user_id
    await dialog.submit(user_id=[ben, ben])
    assert dialog.step["title"] == "Jellyfin (Ben)"

    dialog = await family.at_plex_users()
    await dialog.submit(user=[])
    assert dialog.step["errors"] == {"user": "nobody_chosen"}
    step = await dialog.submit(user=[family.plex_id("Ben")])
    assert step["title"] == "Plex (Ben)"
    pair = go_on(hass, step)
    assert pair.suggested("peer") == family.entry("Ben", "jellyfin").unique_id
    assert "also" not in pair.step["data_schema"].schema
    with pytest.raises(InvalidData):
        await (await family.at_users(family.emby)).submit(user_id=["somebody"])


async def test_who_has_an_account_is_not_offered_again(hass: HomeAssistant, family: Family) -> None:
    """The lists leave them out; where nobody is left that is told, and choosing somebody leads nowhere."""
    dialog = await family.at_users(family.emby)
    ids = {name: family.emby.users[name].user_id for name in PEOPLE}
    await dialog.submit(user_id=[ids["Anna"], ids["Kid"]])
    dialog = await family.at_users(family.emby)
    assert set(dialog.options("user_id").values()) == {"Ben", "Olga"}
    await dialog.submit(user_id=[ids["Ben"], ids["Anna"]])
    assert dialog.step["step_id"] == "left_out"
    assert read(dialog.step["description_placeholders"]) == {
        "left_out": "- Anna: This account has already been added.",
        "others": "Ben",
    }
    step = await dialog.submit()
    assert step["title"] == "Emby (Ben)"
    dialog = await family.at_users(family.emby)
    assert dialog.options("user_id") == {ids["Olga"]: "Olga"}
    await dialog.submit(user_id=ids["Olga"])

    dialog = await family.at_users(family.emby)
    assert dialog.step["errors"] == {"user_id": "nobody_left"}
    assert set(dialog.options("user_id").values()) == set(PEOPLE)
    step = await dialog.submit(user_id=[ids["Olga"], ids["Ben"]])
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_who_is_on_plex_already(hass: HomeAssistant, family: Family) -> None:
    """The owner is recognised although the server knows them by another id than plex.tv."""
    dialog = await family.at_plex_users()
    await dialog.submit(user=family.plex_id("Olga"))
    dialog = await family.at_plex_users()
    assert set(dialog.options("user").values()) == {"Anna", "Ben", "Kid"}
    assert dialog.suggested("user") == []
    await dialog.submit(user=[family.plex_id(name) for name in ("Anna", "Ben", "Kid")], pin=PIN)
    dialog = await family.at_plex_users()
    assert dialog.step["errors"] == {"user": "nobody_left"}
    step = await dialog.submit(user=family.plex_id("Olga"))
    assert step["reason"] == "already_configured"


async def test_pins_are_asked_one_by_one(hass: HomeAssistant, family: Family) -> None:
    """Several protected users are asked in turn; a wrong PIN is told at its field, an empty one leaves a user out."""
    family.plex.users["Ben"].account.pin = "5678"
    dialog = await family.at_plex_users()
    await dialog.submit(user=[family.plex_id(name) for name in PEOPLE], pin=PIN)
    assert (dialog.step["step_id"], read(dialog.step["description_placeholders"])) == ("plex_pin", {"user": "Anna"})
    await dialog.submit(pin="0000")
    assert dialog.step["errors"] == {"pin": "invalid_auth"}
    await dialog.submit(pin=PIN)
    assert read(dialog.step["description_placeholders"]) == {"user": "Ben"}
    family.plex_tv.faults.add("POST /api/v2/home/users/{member}/switch", Status(500), times=None)
    await dialog.submit(pin="5678")
    assert dialog.step["errors"] == {"base": "plex_tv_away"}
    family.plex_tv.faults.clear()
    await dialog.submit()

    assert dialog.step["step_id"] == "left_out"
    assert read(dialog.step["description_placeholders"])["left_out"] == "- Ben: No PIN was entered."
    assert dialog.step["description_placeholders"]["others"] == "Olga, Anna, Kid"
    await dialog.submit()
    assert family.names() == ["Plex (Anna)", "Plex (Kid)", "Plex (Olga)"]
    assert family.entry("Anna", "plex").data["token"] == family.plex.token("Anna")


async def test_what_fails_for_one_does_not_stop_the_others(hass: HomeAssistant, family: Family) -> None:
    """Who has no access to the server, or cannot be switched to, is named with the reason."""
    for name in ("Eve", "[Sam]"):
        family.plex_tv.add_account(name).home_of = "Olga"
    family.plex_tv.faults.add("POST /api/v2/home/users/{member}/switch", Status(401), skip=2)
    dialog = await family.at_plex_users()
    await dialog.submit(user=[family.plex_id(name) for name in ("Kid", "Eve", "[Sam]", "Olga")])

    assert dialog.step["step_id"] == "left_out"
    told = dialog.step["description_placeholders"]["left_out"].splitlines()
    assert [line.partition(":")[0] for line in told] == [r"- \[Sam\]", "- Eve"]
    assert "has no access" in told[1]
    await dialog.submit()
    assert family.names() == ["Plex (Kid)", "Plex (Olga)"]


async def test_nobody_is_taken_for_the_owner(hass: HomeAssistant, family: Family) -> None:
    """Where the network lets a worthless token act as the owner, whose token that is becomes no account."""
    family.plex.allowed_without_auth = True
    kids = family.plex.token("Kid").encode()

    def worthless(response: web.Response) -> web.Response:
        assert isinstance(response.body, bytes)
        return web.Response(body=response.body.replace(kids, b"worthless"), content_type=response.content_type)

    family.plex_tv.faults.add("GET /api/v2/resources", Tampered(worthless), times=None)
    dialog = await family.at_plex_users()
    await dialog.submit(user=[family.plex_id("Kid"), family.plex_id("Ben"), family.plex_id("Olga")])
    assert dialog.step["description_placeholders"]["left_out"].startswith("- Kid: The server refused")
    await dialog.submit()

    assert family.names() == ["Plex (Ben)", "Plex (Olga)"]


async def test_nobody_can_be_added(hass: HomeAssistant, family: Family) -> None:
    """The form says why, and another choice can be made."""
    dialog = await family.at_plex_users()
    family.plex_tv.faults.add("POST /api/v2/home/users/{member}/switch", Status(500), times=None)
    await dialog.submit(user=[family.plex_id("Kid"), family.plex_id("Ben")])
    assert dialog.step["errors"] == {"user": "plex_tv_away"}
    family.plex_tv.faults.clear()
    step = await dialog.submit(user=[family.plex_id("Kid"), family.plex_id("Ben")])

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert family.names() == ["Plex (Ben)", "Plex (Kid)"]


async def test_four_people_on_three_servers(hass: HomeAssistant, family: Family) -> None:
    """Three sign-ins and two dialogs of pairs, and everybody is paired with themselves, with nobody else."""
    await family.add_all_on_plex()
    step = (await family.add_all(family.jellyfin)).step
    dialog = go_on(hass, step)
    await dialog.look_again()
    assert len(dialog.suggested("also")) == 3
    assert set(dialog.options("also").values()) == {f"{name}: Attic, Den" for name in PEOPLE[1:]}
    await family.pair(dialog, "jellyfin", "plex")

    dialog = go_on(hass, (await family.add_all(family.emby)).step)
    assert len(dialog.suggested("also")) == 7
    assert set(dialog.suggested("also")) == set(dialog.options("also"))
    await family.pair(dialog, "emby", "plex")
    await family.settle()

    for name in PEOPLE:
        assert family.peers(name, "plex") == []
        assert family.peers(name, "jellyfin") == [f"Plex ({name})"]
        assert family.peers(name, "emby") == [f"Jellyfin ({name})", f"Plex ({name})"]
    for server in (family.plex, family.jellyfin, family.emby):
        assert all(len(names) <= 1 for names in family.acted_for(server).values())
    assert family.plex.traffic.writes + family.jellyfin.traffic.writes + family.emby.traffic.writes == 0


async def test_rules_of_several_pairs(hass: HomeAssistant, family: Family) -> None:
    """All get the same direction and rules; the preview tells each pair's numbers and who cannot be asked."""
    for server in (family.jellyfin, family.emby):
        await family.add_all(server)
    family.leave("jellyfin", "Anna", minutes=20)
    family.leave("emby", "Ben", minutes=30)
    await hass.config_entries.async_unload(family.entry("Kid", "emby").entry_id)
    dialog = await add_pair(hass, family.entry("Anna", "emby"))
    assert dialog.suggested("peer") == family.entry("Anna", "jellyfin").unique_id
    assert dialog.suggested("also") == []
    also = [key for key, label in dialog.options("also").items() if label != "Olga: Cellar, Attic"]
    assert len(also) == 2
    await dialog.submit(peer=dialog.suggested("peer"), direction="from_peer", also=also)
    assert read(dialog.step["description_placeholders"]) == {
        "account": "Emby (Anna), Emby (Ben), Emby (Kid)",
        "peer": "Jellyfin (Anna), Jellyfin (Ben), Jellyfin (Kid)",
    }
    await dialog.submit(**{**RULES, "remove": "source"})
    if dialog.step["type"] is FlowResultType.SHOW_PROGRESS:
        await dialog.wait()

    assert dialog.step["step_id"] == "preview_household"
    assert dialog.step["errors"] == {"base": "preview_failed"}
    shown = dialog.step["description_placeholders"]
    assert shown["rows"].splitlines() == [
        r"| Emby \(Anna\) ← Jellyfin \(Anna\) | 0 | 1 | 0 | 0 | 0 |",
        r"| Emby \(Ben\) ← Jellyfin \(Ben\) | 0 | 0 | 0 | 0 | 0 |",
        r"| Emby \(Kid\) ← Jellyfin \(Kid\) | ? | ? | ? | ? | ? |",
    ]
    assert "Emby (Kid)" in shown["problem_plain"]
    assert shown["examples"].startswith("- **Film 0")
    step = await dialog.submit(sync_now=False)
    assert step["description"] == "household"
    assert len(step["description_placeholders"]["pairs"].splitlines()) == 3
    for name in ("Anna", "Ben", "Kid"):
        (pair,) = pairs(family.entry(name, "emby"))
        peer = family.entry(name, "jellyfin").unique_id
        assert pair.data == {**FLAT, "peer": peer, "direction": "from_peer", "remove": "source"}
        assert (pair.title, pair.unique_id) == (f"Emby ({name}) ← Jellyfin ({name})", peer)
    assert pairs(family.entry("Olga", "emby")) == []


@pytest.mark.parametrize("sync_now", [False, True])
async def test_many_titles_ask_first(hass: HomeAssistant, family: Family, sync_now: bool) -> None:
    """A pair of several is held like one by itself, unless somebody says to sync right away."""
    for server in (family.jellyfin, family.emby):
        await family.add_all(server)
    family.leave("jellyfin", "Anna", minutes=20, films=30)
    family.leave("jellyfin", "Ben", minutes=20, films=30)
    dialog = await family.pair(await add_pair(hass, family.entry("Anna", "emby")), "emby", "jellyfin", sync_now)
    await family.settle()

    assert dialog.step["type"] is FlowResultType.CREATE_ENTRY
    for name in ("Anna", "Ben"):
        positions = [state.position_ms for state in family.states("emby", name)]
        assert positions == [20 * 60_000 if sync_now else 0] * 30


async def test_pairs_that_were_added_meanwhile(hass: HomeAssistant, family: Family) -> None:
    """What was paired or removed while a dialog was open is left alone."""
    for server in (family.jellyfin, family.emby):
        await family.add_all(server)
    dialog = await add_pair(hass, family.entry("Anna", "emby"))
    other = await add_pair(hass, family.entry("Ben", "emby"))
    peer = family.entry("Ben", "jellyfin")
    await at_preview(other, peer)
    await dialog.submit(
        peer=dialog.suggested("peer"), direction="two_way", also=[*dialog.options("also"), "nobody:nothing"]
    )
    await other.submit(sync_now=False)
    await hass.config_entries.async_remove(family.entry("Kid", "jellyfin").entry_id)
    await dialog.submit(**RULES)
    if dialog.step["type"] is FlowResultType.SHOW_PROGRESS:
        await dialog.wait()
    await dialog.submit(sync_now=False)

    assert [len(pairs(family.entry(name, "emby"))) for name in PEOPLE] == [1, 1, 0, 1]
