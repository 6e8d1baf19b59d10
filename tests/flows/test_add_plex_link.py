"""Adding accounts on Plex by signing in on the page of plex.tv, or by a code that is entered at plex.tv/link."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulators.faults import Reset, Status
from tests.simulators.plex.accounts import PlexRole
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.directory import PlexConnection
from tests.simulators.plex_tv.server import PlexTv

from .dialog import Dialog, add_account

POLL = "GET /api/v2/pins/{pin}"


@pytest.fixture
async def cabin(plex: PlexMediaServer, plex_tv: PlexTv) -> AsyncIterator[PlexMediaServer]:
    """Another server, which Fred owns and shares with Olga only."""
    server = PlexMediaServer(name="Cabin")
    server.add_user("Fred")
    server.add_user("Olga", role=PlexRole.FRIEND)
    await server.start()
    plex_tv.publish(server)
    yield server
    await server.stop()


async def shown_code(hass: HomeAssistant) -> Dialog:
    """Open the dialog up to the code."""
    dialog = await add_account(hass, "plex")
    assert dialog.step["menu_options"] == ["plex_link", "plex_code", "plex_manual"]
    step = await dialog.choose("plex_code")
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    assert step["description_placeholders"]["url"] == "https://plex.tv/link"
    return dialog


async def linked(hass: HomeAssistant, plex_tv: PlexTv, name: str) -> Dialog:
    """Open the dialog and link an account."""
    dialog = await shown_code(hass)
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], name)
    await dialog.wait()
    return dialog


async def test_owner(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """The owner links, chooses themselves, and the account is set up with the token for the server."""
    dialog = await linked(hass, plex_tv, "Olga")
    assert dialog.step["step_id"] == "plex_user"
    olga = str(plex.users["Olga"].account.account_id)
    assert dialog.options("user")[olga] == "Olga"
    assert set(dialog.options("user").values()) == {"Olga", "Anna", "Kid"}
    assert dialog.suggested("user") == olga
    step = await dialog.submit(user=olga)

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["title"] == "Plex (Olga)"
    entry = step["result"]
    device_id = entry.data["device_id"]
    assert UUID(device_id).version == 4
    assert entry.unique_id == f"{plex.machine_id}_1"
    assert entry.data == {
        "type": "plex",
        "url": plex.url,
        "verify_ssl": True,
        "token": plex.token("Olga"),
        "server_id": plex.machine_id,
        "server_name": "Den",
        "user_id": "1",
        "user_name": "Olga",
        "device_id": device_id,
    }
    assert entry.state is ConfigEntryState.LOADED


async def on_page(hass: HomeAssistant) -> tuple[Dialog, str]:
    """Open the dialog up to the page of plex.tv, and return it with the code in the page's address."""
    dialog = await add_account(hass, "plex")
    step = await dialog.choose("plex_link")
    assert step["type"] is FlowResultType.EXTERNAL_STEP
    assert step["url"].startswith("https://app.plex.tv/auth#?clientID=")
    return dialog, parse_qs(step["url"].partition("#?")[2])["code"][0]


async def after_page(dialog: Dialog) -> Mapping[str, Any]:
    """Return the step that comes by itself after the page of plex.tv."""
    step = await dialog.wait()
    return await dialog.look_again() if step["type"] is FlowResultType.EXTERNAL_STEP_DONE else step


async def test_signing_in_on_the_page_of_plex(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """Nothing is typed: the dialog goes on by itself once somebody has signed in there."""
    dialog, code = await on_page(hass)
    assert len(code) > 4, "not the short code, which is entered by hand"
    assert (await dialog.look_again())["type"] is FlowResultType.EXTERNAL_STEP
    plex_tv.approve_pin(code, "Fred")
    step = await after_page(dialog)

    assert step["type"] is FlowResultType.CREATE_ENTRY
    assert step["title"] == "Plex (Fred)"


async def test_a_page_that_leads_nowhere(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """An outage, and a page on which nobody signs in, are told; another try opens the page again."""
    plex_tv.faults.add("POST /api/v2/pins", Status(500))
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_link")
    assert dialog.step["errors"] == {"base": "plex_tv_away"}
    await dialog.submit()
    plex_tv.clock.advance(10_000)
    step = await after_page(dialog)
    assert step["step_id"] == "plex_link_retry"
    assert step["errors"] == {"base": "code_expired"}
    step = await dialog.submit()
    assert step["type"] is FlowResultType.EXTERNAL_STEP

    dialog.close()
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_managed_user(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A managed user has no account to sign in with; the owner adds theirs."""
    dialog = await linked(hass, plex_tv, "Olga")
    kid = str(plex.users["Kid"].account.account_id)
    step = await dialog.submit(user=kid)

    assert step["title"] == "Plex (Kid)"
    assert step["result"].unique_id == f"{plex.machine_id}_{kid}"
    assert step["result"].data["token"] == plex.token("Kid")


async def test_protected_user(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A missing and a wrong PIN are told at their field; the right one leads on."""
    plex_tv.admin_needs_pin = True
    dialog = await linked(hass, plex_tv, "Olga")
    anna = str(plex.users["Anna"].account.account_id)
    await dialog.submit(user=anna)
    assert dialog.step["errors"] == {"pin": "invalid_auth"}
    assert dialog.suggested("user") == anna
    await dialog.submit(user=anna, pin="0000")
    assert dialog.step["errors"] == {"pin": "invalid_auth"}
    step = await dialog.submit(user=anna, pin="1234")

    assert step["title"] == "Plex (Anna)"
    assert step["result"].data["token"] == plex.token("Anna")


async def test_friend(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A friend's only server and only user need no questions."""
    dialog = await linked(hass, plex_tv, "Fred")

    assert dialog.step["title"] == "Plex (Fred)"
    assert dialog.step["result"].data["token"] == plex.token("Fred")
    assert dialog.step["result"].data["user_id"] == str(plex.users["Fred"].account.account_id)


async def test_choice_of_servers(
    hass: HomeAssistant, plex: PlexMediaServer, cabin: PlexMediaServer, plex_tv: PlexTv
) -> None:
    """Several servers are offered; one that does not answer is told at its field."""
    plex_tv.publish(cabin, [PlexConnection("http://127.0.0.1:1", "127.0.0.1", 1)])
    dialog = await linked(hass, plex_tv, "Fred")
    assert dialog.step["step_id"] == "plex_server"
    assert dialog.options("server") == {plex.machine_id: "Den", cabin.machine_id: "Cabin"}
    await dialog.submit(server=cabin.machine_id)
    assert dialog.step["errors"] == {"server": "cannot_connect"}
    assert dialog.suggested("server") == cabin.machine_id

    plex_tv.publish(cabin, [PlexConnection(cabin.url, "127.0.0.1", cabin.port)])
    dialog.close()
    dialog = await linked(hass, plex_tv, "Fred")
    step = await dialog.submit(server=cabin.machine_id)
    assert step["result"].data["user_id"] == "1"
    assert step["result"].data["server_name"] == "Cabin"


async def test_user_without_access(
    hass: HomeAssistant, plex: PlexMediaServer, cabin: PlexMediaServer, plex_tv: PlexTv
) -> None:
    """A member of the Home whom the server is not shared with is told so; another one may be chosen."""
    dialog = await linked(hass, plex_tv, "Olga")
    await dialog.submit(server=cabin.machine_id)
    assert dialog.step["step_id"] == "plex_user"
    await dialog.submit(user=str(plex.users["Kid"].account.account_id))
    assert dialog.step["errors"] == {"user": "no_access"}
    step = await dialog.submit(user=str(plex.users["Olga"].account.account_id))

    assert step["result"].unique_id == f"{cabin.machine_id}_{plex.users['Olga'].account.account_id}"
    assert step["result"].data["token"] == cabin.token("Olga")


async def test_one_server_that_is_away(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """The only server does not answer: told, and tried again without another code."""
    port = plex.port
    await plex.stop()
    dialog = await linked(hass, plex_tv, "Fred")
    assert dialog.step["step_id"] == "plex_server"
    assert dialog.step["errors"] == {"server": "cannot_connect"}
    await plex.start(port)
    step = await dialog.submit(server=plex.machine_id)

    assert step["type"] is FlowResultType.CREATE_ENTRY


async def test_server_too_old(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A server that is too old is told as that."""
    plex.version = "1.19.5.3112-b23ab3896"
    dialog = await linked(hass, plex_tv, "Fred")

    assert dialog.step["errors"] == {"server": "unsupported_version"}


async def test_no_server(hass: HomeAssistant, plex_tv: PlexTv) -> None:
    """An account without servers cannot be added."""
    plex_tv.add_account("Nobody")
    dialog = await linked(hass, plex_tv, "Nobody")

    assert dialog.step["reason"] == "no_servers"


async def test_expired(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A code that nobody entered in time is told as expired; the next one works."""
    dialog = await shown_code(hass)
    plex_tv.clock.advance(1000)
    await dialog.wait()
    assert dialog.step["step_id"] == "plex_link_retry"
    assert dialog.step["errors"] == {"base": "code_expired"}
    await dialog.look_again()
    await dialog.submit()
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], "Fred")
    await dialog.wait()

    assert dialog.step["type"] is FlowResultType.CREATE_ENTRY


async def test_outages_of_plex_tv(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """An outage is told wherever it happens; the dialog goes on when it is over."""
    plex_tv.faults.add("POST /api/v2/pins", Status(500))
    dialog = await add_account(hass, "plex")
    await dialog.choose("plex_code")
    assert dialog.step["step_id"] == "plex_link_retry"
    assert dialog.step["errors"] == {"base": "plex_tv_away"}

    await dialog.submit()
    plex_tv.faults.add(POLL, Reset())
    plex_tv.faults.add("GET /api/v2/resources", Status(503))
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], "Fred")
    await dialog.wait()
    assert dialog.step["step_id"] == "plex_link_retry"
    assert dialog.step["errors"] == {"base": "plex_tv_busy"}

    await dialog.submit()
    plex_tv.approve_pin(dialog.step["description_placeholders"]["code"], "Fred")
    await dialog.wait()
    assert dialog.step["type"] is FlowResultType.CREATE_ENTRY


async def test_outage_while_switching_users(hass: HomeAssistant, plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """An outage at the last step is told above the form; the answer can be sent again."""
    dialog = await linked(hass, plex_tv, "Olga")
    kid = str(plex.users["Kid"].account.account_id)
    plex_tv.faults.add("POST /api/v2/home/users/{member}/switch", Status(500), times=None)
    await dialog.submit(user=kid)
    assert dialog.step["errors"] == {"base": "plex_tv_away"}
    plex_tv.faults.clear()
    step = await dialog.submit(user=kid)

    assert step["title"] == "Plex (Kid)"


async def test_closed_window(hass: HomeAssistant, plex_tv: PlexTv) -> None:
    """Who closes the dialog is not asked after any more."""
    dialog = await shown_code(hass)
    await dialog.look_again()
    assert dialog.step["type"] is FlowResultType.SHOW_PROGRESS
    dialog.close()
    await hass.async_block_till_done()

    assert hass.config_entries.flow.async_progress() == []
