"""plex.tv: codes, accounts, servers, and the users of a Plex Home."""

from typing import Any

from tests.contract.fact import Differs, Need, NotAsked, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab

DOCUMENT = "PMS API 1.1.1, Authenticating with Plex"
PINS = "/api/v2/pins"
USERS = "/api/v2/home/users"


async def code(lab: PlexLab) -> Any:
    """Ask for a code; nobody is going to enter it."""
    answer = await lab.at_plex_tv("").ask("POST", PINS)
    if answer.status == 429:
        raise NotAsked("plex.tv limits the rate")
    same("status", answer.status, 201)
    return answer.json


@fact(DOCUMENT, PLEX, needs={Need.ACCOUNT})
async def short_codes(lab: PlexLab) -> None:
    """A code of four characters, good for some minutes, that has no token yet."""
    pin = await code(lab)
    same("length", len(pin["code"]), 4)
    holds("id and life are numbers", true=isinstance(pin["id"], int) and 60 <= pin["expiresIn"] <= 3600, seen=pin)
    same("token", pin["authToken"], None)


@fact(DOCUMENT, PLEX, needs={Need.ACCOUNT})
async def codes_that_wait(lab: PlexLab) -> None:
    """The client that asked for a code is told that nobody entered it; another one is told that there is none."""
    pin = await code(lab)
    waiting = await lab.at_plex_tv("").get(f"{PINS}/{pin['id']}")
    same("token", waiting["authToken"], None)
    other = await lab.at_plex_tv("", "another-client").ask("GET", f"{PINS}/{pin['id']}")
    same("another client", other.status, 404)
    same("its error", other.json["errors"][0]["code"], 1020)


@fact(f"{DOCUMENT}, Checking Token Validity", PLEX, needs={Need.ACCOUNT})
async def the_account(lab: PlexLab) -> None:
    """An account's token is told whose it is."""
    user = await lab.plex_tv.get("/api/v2/user")
    holds("the id is a number", true=isinstance(user["id"], int))
    holds("there is a name", true=bool(user.get("title") or user.get("username")))


@fact(f"{DOCUMENT}; JellyPlex-Watched issue 341", PLEX, needs={Need.ACCOUNT})
async def tokens_that_are_none(lab: PlexLab) -> None:
    """A token that is no account's is 401 with error 1001."""
    answer = await lab.at_plex_tv("not-a-token").ask("GET", "/api/v2/user")
    same("status", answer.status, 401)
    same("error", answer.json["errors"][0]["code"], 1001)


async def our_server(lab: PlexLab) -> Any:
    """Return the server that is asked, as plex.tv lists it; raises Differs."""
    query = {"includeHttps": 1, "includeRelay": 1, "includeIPv6": 1}
    for row in await lab.plex_tv.get("/api/v2/resources", query):
        if row.get("clientIdentifier") == lab.machine_id:
            return row
    raise Differs("the server is not listed")


@fact("plexapi myplex.py MyPlexResource; PMS API 1.1.1, Talking to PMS", PLEX, needs={Need.ACCOUNT})
async def servers(lab: PlexLab) -> None:
    """The account's servers come as a list, by machine identifier, with addresses and a token for each."""
    server = await our_server(lab)
    holds("it is a server", true="server" in server["provides"].split(","), seen=server["provides"])
    same("owned", server["owned"], True)
    holds("there is a name", true=bool(server.get("name")))
    holds("there are addresses", true=bool(server["connections"]))
    for connection in server["connections"]:
        missing = [name for name in ("uri", "address", "port", "local", "relay") if name not in connection]
        same("missing of an address", missing, [])


@fact("PMS API 1.1.1, Talking to PMS", PLEX, needs={Need.ACCOUNT})
async def tokens_for_servers(lab: PlexLab) -> None:
    """The token of the list is good on the server."""
    token = (await our_server(lab))["accessToken"]
    same("status", (await lab.holder(token).ask("GET", "/library/sections")).status, 200)


@fact("plexapi myplex.py; watchstate GetUserToken.php", PLEX, needs={Need.ACCOUNT})
async def home_users(lab: PlexLab) -> None:
    """The members of the Home have ids and names; whoever is protected is told as that."""
    answer = await lab.plex_tv.ask("GET", USERS)
    if answer.status == 404:
        raise NotAsked("this account has no Home")
    same("status", answer.status, 200)
    for user in answer.json["users"]:
        missing = [name for name in ("id", "uuid", "title", "admin", "protected") if name not in user]
        same("missing", missing, [])


@fact("watchstate issue 542 (403, 1041)", PLEX, needs={Need.ACCOUNT})
async def wrong_pins(lab: PlexLab) -> None:
    """A wrong PIN is refused with 403; it is not asked where nobody is protected."""
    answer = await lab.plex_tv.ask("GET", USERS)
    users = answer.json["users"] if answer.status == 200 else []
    user = next((user for user in users if user["protected"] and not user["admin"]), None)
    if user is None:
        raise NotAsked("nobody in this Home has a PIN")
    refused = await lab.plex_tv.ask("POST", f"{USERS}/{user['uuid']}/switch", {"pin": "0000"})
    if refused.status in (201, 429):
        raise NotAsked("the owner needs no PIN here, or the rate is limited")
    same("status", refused.status, 403)
    same("error", refused.json["errors"][0]["code"], 1041)


@fact("watchstate GetUserToken.php (201)", PLEX, needs={Need.ACCOUNT})
async def switching(lab: PlexLab) -> None:
    """Switching to a member without a PIN answers with a token of theirs."""
    answer = await lab.plex_tv.ask("GET", USERS)
    users = answer.json["users"] if answer.status == 200 else []
    user = next((user for user in users if not user["protected"] and not user["admin"]), None)
    if user is None:
        raise NotAsked("nobody in this Home is without a PIN")
    switched = await lab.plex_tv.ask("POST", f"{USERS}/{user['uuid']}/switch")
    if switched.status == 429:
        raise NotAsked("plex.tv limits the rate")
    same("status", switched.status, 201)
    theirs = lab.at_plex_tv(switched.json["authToken"])
    same("whose it is", (await theirs.get("/api/v2/user"))["id"], user["id"])
