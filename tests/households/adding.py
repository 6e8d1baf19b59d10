"""Accounts and pairs, added through the same flows that the browser shows."""

from collections.abc import Callable
from dataclasses import dataclass

from .media_servers import PASSWORD
from .rest_client import FLOWS, PAIR_FLOWS, Json, RestClient, UnexpectedAnswer, expect
from .with_home_assistant import ThreeServers

TWO_WAY_RULES = {
    "add": True,
    "guardrails": {"min_seconds": 60, "delta_seconds": 30, "max_percent": 95},
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account that was added. `next_flow_id`: the flow of its first pair, which Home Assistant opens by itself."""

    title: str
    entry_id: str
    next_flow_id: str | None


def _account(step: Json) -> Account:
    """Return the account that a flow ended with."""
    entry = expect(step, "create_entry")["result"]
    next_flow = step.get("next_flow")
    return Account(entry["title"], entry["entry_id"], next_flow[1] if next_flow else None)


def _value_of(step: Json, field: str, label: str) -> str:
    """Return the value behind the label that a choice shows."""
    options = next(each for each in step["data_schema"] if each["name"] == field)["selector"]["select"]["options"]
    for option in options:
        if option["label"] == label:
            return str(option["value"])
    message = f"{label} is not among the choices of {field}"
    raise UnexpectedAnswer(message)


async def add_media_browser(client: RestClient, kind: str, url: str, username: str, password: str) -> Account:
    """Add an account on Jellyfin or Emby with a password."""
    step = expect(await client.start_flow(FLOWS, "resume_sync"), "menu", "user")
    step = expect(await client.answer(FLOWS, step, {"next_step_id": kind}), "form", kind)
    step = expect(await client.answer(FLOWS, step, {"url": url, "verify_ssl": True}), "menu", "sign_in")
    step = expect(await client.answer(FLOWS, step, {"next_step_id": "password"}), "form", "password")
    return _account(await client.answer(FLOWS, step, {"username": username, "password": password}))


async def add_plex(client: RestClient, user: str, enter_code: Callable[[str], None]) -> Account:
    """Add an account on Plex: `enter_code` does what a person does with the code on plex.tv."""
    step = expect(await client.start_flow(FLOWS, "resume_sync"), "menu", "user")
    step = expect(await client.answer(FLOWS, step, {"next_step_id": "plex"}), "menu", "plex")
    step = expect(await client.answer(FLOWS, step, {"next_step_id": "plex_code"}, wait=False), "progress", "plex_code")
    enter_code(step["description_placeholders"]["code"])
    step = expect(await client.wait(FLOWS, step), "form", "plex_user")
    return _account(await client.answer(FLOWS, step, {"user": _value_of(step, "user", user)}))


async def add_pair(
    client: RestClient, account: Account, peer: Account, flow_id: str | None = None, *, remove: str = "off"
) -> str:
    """Add a two-way pair to an account and return its name; `flow_id`: in a flow that is open already."""
    await client.until_loaded(account.entry_id)
    if flow_id is None:
        step = await client.start_flow(PAIR_FLOWS, [account.entry_id, "pair"])
    else:
        step = await client.get(f"{PAIR_FLOWS}/{flow_id}")
    expect(step, "form", "user")
    choice = {"peer": _value_of(step, "peer", peer.title), "direction": "two_way"}
    step = expect(await client.answer(PAIR_FLOWS, step, choice), "form", "rules")
    step = expect(await client.answer(PAIR_FLOWS, step, TWO_WAY_RULES | {"remove": remove}), "form", "preview")
    step = expect(await client.answer(PAIR_FLOWS, step, {"sync_now": False}), "create_entry")
    await client.until_loaded(account.entry_id)
    return str(step["title"])


async def add_everything(
    client: RestClient, servers: ThreeServers, *, remove: str = "off", tell: Callable[[str], None] = lambda _: None
) -> list[Account]:
    """Add the viewer's three accounts, each paired with both others, and tell of each account and pair.

    Where a pair's flow opens by itself after an account was added, the pair is added there.
    """
    plex = await add_plex(client, servers.user, lambda code: servers.plex_tv.approve_pin(code, servers.user))
    tell(f"account {plex.title}")
    jellyfin = await add_media_browser(client, "jellyfin", servers.jellyfin.url, servers.user, PASSWORD)
    tell(f"account {jellyfin.title}")
    tell(f"pair    {await add_pair(client, jellyfin, plex, jellyfin.next_flow_id, remove=remove)}")
    emby = await add_media_browser(client, "emby", servers.emby.url, servers.user, PASSWORD)
    tell(f"account {emby.title}")
    tell(f"pair    {await add_pair(client, emby, plex, emby.next_flow_id, remove=remove)}")
    tell(f"pair    {await add_pair(client, emby, jellyfin, remove=remove)}")
    return [plex, jellyfin, emby]
