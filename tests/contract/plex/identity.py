"""Who a Plex Media Server says that it is, and how it answers at all."""

from time import time
from xml.etree.ElementTree import fromstring

from tests.contract.fact import NotAsked, fact, holds, same
from tests.contract.servers import PLEX

from .lab import PlexLab
from .person import FILMS, read

DOCUMENT = "PMS API 1.1.1"
AN_HOUR = 3600


@fact(f"{DOCUMENT} GET /identity (no security)", PLEX)
async def identity(lab: PlexLab) -> None:
    """Anybody is told the machine identifier and the version, without a token."""
    root = read(await lab.holder("").ask("GET", "/identity"))
    holds("there is a machine identifier", true=bool(root.get("machineIdentifier")), seen=dict(root.attrib))
    holds("there is a version", true=(root.get("version") or "").count(".") >= 2, seen=root.get("version"))


@fact(f"{DOCUMENT} GET /", PLEX)
async def root_page(lab: PlexLab) -> None:
    """Who is signed in is told the name of the same machine."""
    root = await lab.owner.root("/")
    same("machine identifier", root.get("machineIdentifier"), lab.machine_id)
    holds("there is a name", true=bool(root.get("friendlyName")), seen=sorted(root.attrib))


@fact("python-plexapi issue 155; support.plex.tv, allowed without auth", PLEX)
async def refused_tokens(lab: PlexLab) -> None:
    """A token that is none is refused with 401 and a page, everywhere but at the identity."""
    answer = await lab.stranger.ask("GET", "/library/sections")
    if answer.status == 200:
        raise NotAsked("this network is let in without a token")
    same("status", answer.status, 401)
    same("type", answer.headers.get("Content-Type", "").partition(";")[0], "text/html")
    same("status of a listing", (await lab.stranger.ask("GET", f"/library/all?type={FILMS}")).status, 401)
    same("status of the identity", (await lab.stranger.ask("GET", "/identity")).status, 200)


@fact(f"{DOCUMENT}, Headers", PLEX)
async def media_types(lab: PlexLab) -> None:
    """Answers are XML unless JSON is accepted."""
    plain = await lab.owner.ask("GET", "/library/sections")
    same("root", fromstring(plain.text).tag, "MediaContainer")  # noqa: S314 - the server that was named
    holds("it is XML", true="xml" in plain.headers.get("Content-Type", ""), seen=plain.headers.get("Content-Type"))
    json = await lab.owner.ask("GET", "/library/sections", headers={"Accept": "application/json"})
    same("rows", len(json.json["MediaContainer"]["Directory"]), len(read(plain)))


@fact("RFC 9110 6.6.1; plexapi", PLEX)
async def clock(lab: PlexLab) -> None:
    """The Date header tells the server's clock."""
    answer = await lab.owner.ask("GET", "/identity")
    holds("it is about now", true=abs(answer.time - time()) < AN_HOUR * 24 * 366, seen=answer.headers.get("Date"))


@fact(f"{DOCUMENT}, Errors", PLEX)
async def not_there(lab: PlexLab) -> None:
    """What is not there is 404, also a route that no server has."""
    for path in ("/library/metadata/999999999", "/library/sections/999999999/all", "/no/such/route"):
        same(path, (await lab.owner.ask("GET", path)).status, 404)
