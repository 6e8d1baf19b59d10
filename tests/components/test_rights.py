"""Who may see and do what: every action and every subscription, asked by everybody whom a home knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.dashboard.websocket_api import SIGN_ARTWORK
from tests.repository.quality import markdown

from .household import FILMS, HOME_MOVIE, SHOW, USER, Household
from .people import access_token, administrator, ordinary_user, persons, read_only_user, user_in
from .test_artwork import signed
from .test_decide import account_device

DOCUMENT = (Path(__file__).parents[2] / "docs" / "actions.md").read_text(encoding="utf-8")
HEADING: Final = "Who may call what"

BY_ITSELF: Final = "by itself"
ADMINISTRATOR: Final = "administrator"
THEIR_PERSON: Final = "their person"
SOMEBODY_ELSE: Final = "somebody else"
USER_OF_ALL: Final = "user"
READ_ONLY: Final = "read only"
NO_RIGHTS: Final = "no rights"
CALLERS: Final = (BY_ITSELF, ADMINISTRATOR, USER_OF_ALL, THEIR_PERSON, SOMEBODY_ELSE, READ_ONLY, NO_RIGHTS)

TITLES: Final = (*(film.title for film in FILMS), SHOW.title, HOME_MOVIE.title)


async def caller(hass: HomeAssistant, name: str) -> User | None:
    """Return who asks, by the name of a column; everybody has a person."""
    made: dict[str, User] = {
        "Root": await administrator(hass),
        "Anna": await ordinary_user(hass, "Anna"),
        "Ben": await ordinary_user(hass, "Ben"),
        "Reader": await read_only_user(hass),
        "Nobody": await user_in(hass, "Nobody", None),
    }
    await persons(hass, **made)
    columns = {ADMINISTRATOR: "Root", USER_OF_ALL: "Ben", THEIR_PERSON: "Anna", SOMEBODY_ELSE: "Ben"}
    columns |= {READ_ONLY: "Reader", NO_RIGHTS: "Nobody"}
    return None if name == BY_ITSELF else made[columns[name]]


async def anna_at_home(home: Household, *, private: bool) -> None:
    """Let Anna have two paired accounts, and there be something of everything.

    In sync, to sync, without a counterpart, waiting to be removed, to be undone, and lost at once.
    """
    for server in home.servers.values():
        server.add_film(HOME_MOVIE)
    home.leave("jellyfin", "film-2", 21)
    removed = home.leave("jellyfin", "film-3", 33)
    options = {"person": "anna", "private": private}
    lost = [home.leave("attic", key, 30) for key in ("film-4", "film-5", "film-6")]
    for entry in (
        home.add_account("jellyfin", home.pair("emby", remove="source")),
        home.add_account("emby"),
        home.add_account("attic"),
    ):
        home.hass.config_entries.async_update_entry(entry, options=options)
    await home.setup()
    await home.hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert home.position("emby", "film-3") == 33
    home.server("jellyfin").viewer(USER).clear(removed)
    home.leave("jellyfin", HOME_MOVIE.key, 10)
    await home.hass.services.async_call(DOMAIN, "sync", blocking=True)
    home.leave("jellyfin", "film-1", 42)
    for item_id in lost:
        home.server("attic").viewer(USER).clear(item_id)
    await home.entries["attic"].runtime_data.account.async_read_anew()


def calls(home: Household) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return every action with what it is called with, by its row; in an order in which each has something to do."""
    pair = {"device_id": home.device_id("pair-emby")}
    (film,) = home.server("jellyfin").items_of("film-1")
    attic = {"device_id": account_device(home, "attic"), "answer": "give_back"}
    (garden,) = home.server("jellyfin").items_of(HOME_MOVIE.key)
    return {
        "preview": ("preview", pair),
        "get_unresolved": ("get_unresolved", pair),
        "get_tombstones": ("get_tombstones", pair),
        "map_item": ("map_item", {**pair, "source_item": garden, "ignore": True}),
        "unmap_item": ("unmap_item", {**pair, "source_item": garden}),
        "set_progress": ("set_progress", {"config_entry_id": "entry-jellyfin", "item_id": film, "position": 2400}),
        "decide, one title": ("decide", attic | {"items": home.server("attic").items_of("film-4")}),
        "decide": ("decide", attic),
        "clear_tombstones": ("clear_tombstones", pair),
        "sync": ("sync", pair),
        "sync, full": ("sync", {**pair, "full": True}),
        "sync, approve": ("sync", {**pair, "approve": True}),
        "get_history": ("get_history", pair),
        "undo, one line": ("undo", {**pair, "line_id": a_line(home)}),
        "undo": ("undo", pair),
    }


def a_line(home: Household) -> str:
    """Return a line of the history of Anna's account on Emby; empty without one."""
    entry = home.entries["emby"]
    if entry.state is not ConfigEntryState.LOADED:
        return ""
    return next(iter(entry.runtime_data.account.account.history.lines), "")


SUBSCRIPTIONS: Final = {"the pair's card": "pair/subscribe", "the table of titles": "progress/subscribe"}


POSTERS: Final = "posters"


def told(answer: Any) -> str:
    """Return what the table says of an answer."""
    if answer is None:
        return "yes"
    return "titles" if any(title in str(answer) for title in TITLES) else "no titles"


async def call(hass: HomeAssistant, user: User | None, action: str, data: Mapping[str, Any]) -> str:
    """Return what the table says of one action called by somebody."""
    context = Context(user_id=user.id if user else None)
    responds = hass.services.supports_response(DOMAIN, action) != "none"
    try:
        answer = await hass.services.async_call(
            DOMAIN, action, dict(data), blocking=True, context=context, return_response=responds
        )
    except Unauthorized:
        return "no"
    # What these answer are numbers.
    return told(None if action in ("undo", "set_progress") else answer)


async def subscribe(home: Household, connect: WebSocketGenerator, user: User | None, command: str, row: str) -> str:
    """Return what the table says of a subscription; browsers have a user."""
    if user is None:
        return "-"
    client = await connect(home.hass, await access_token(home.hass, user))
    data = {"device_id": home.device_id("pair-emby")} if "pair" in row else {}
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **data})
    answer = await client.receive_json()
    if not answer["success"]:
        assert answer["error"]["code"] == "unauthorized"
        return "no"
    return told((await client.receive_json(timeout=10))["event"])


def documented() -> dict[str, dict[str, str]]:
    """Return the table of the document: what it says by row and column."""
    (table,) = markdown.tables(markdown.sections(DOCUMENT)[HEADING])
    return {row[""].replace("`", ""): {name: row[name] for name in CALLERS} for row in table}


async def sign(home: Household, connect: WebSocketGenerator, user: User | None) -> str:
    """Return what the table says of asking where a poster is."""
    if user is None:
        return "-"
    (film,) = home.server("jellyfin").items_of("film-2")
    token = await access_token(home.hass, user)
    return "yes" if await signed(home, connect, film, token=token) else "no"


@pytest.mark.parametrize("column", CALLERS)
async def test_the_table_is_true(running_home: Household, hass_ws_client: WebSocketGenerator, column: str) -> None:
    """Each cell of the document, with both accounts private in the columns of their person and of somebody else."""
    home = running_home
    user = await caller(home.hass, column)
    await anna_at_home(home, private=column in (THEIR_PERSON, SOMEBODY_ELSE, BY_ITSELF, ADMINISTRATOR))

    found = {row: await call(home.hass, user, action, data) for row, (action, data) in calls(home).items()}
    found |= {row: await subscribe(home, hass_ws_client, user, command, row) for row, command in SUBSCRIPTIONS.items()}
    found[POSTERS] = await sign(home, hass_ws_client, user)

    assert found == {row: cells[column] for row, cells in documented().items()}


async def test_the_table_is_complete(running_home: Household, hass_ws_client: WebSocketGenerator) -> None:
    """Every action and every command of the WebSocket has its row."""
    running_home.add_account("jellyfin", running_home.pair("emby"))
    running_home.add_account("emby")
    running_home.add_account("attic")
    await running_home.setup()
    await hass_ws_client()
    actions = set(running_home.hass.services.async_services_for_domain(DOMAIN))
    commands = {name for name in running_home.hass.data["websocket_api"] if name.startswith(f"{DOMAIN}/")}

    running_home.server("jellyfin").add_film(HOME_MOVIE)
    assert {action for action, _ in calls(running_home).values()} == actions
    assert {f"{DOMAIN}/{command}" for command in SUBSCRIPTIONS.values()} | {SIGN_ARTWORK} == commands
    assert set(documented()) == {*calls(running_home), *SUBSCRIPTIONS, POSTERS}
