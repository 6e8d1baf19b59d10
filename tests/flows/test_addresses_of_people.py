"""Addresses as people type them, for each kind of server: the right form comes next, or the text of the cause."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
import pytest

from custom_components.resume_sync.flows import probing
from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.faults import HtmlPage, Status
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.proxy import SIGN_INS, proxy

from .dialog import Dialog, add_account

KINDS = ("jellyfin", "emby", "plex")
NEXT = "next"
TOKEN = "token-that-was-typed"


@dataclass(slots=True)
class Servers:
    """A server of each kind (Jellyfin with a base path), one of each with TLS, and what is no media server."""

    jellyfin: SimulatedJellyfin
    emby: SimulatedEmby
    plex: PlexMediaServer
    secure: SimulatedEmby
    page: SimulatedEmby
    failing: SimulatedEmby
    limiting: SimulatedEmby
    proxy_url: str


@pytest.fixture
async def servers(
    hass: HomeAssistant, jellyfin: SimulatedJellyfin, emby: SimulatedEmby, plex: PlexMediaServer
) -> AsyncIterator[Servers]:
    """Let all of them run."""
    more = [SimulatedEmby(name=name) for name in ("Secure", "Page", "Failing", "Limiting")]
    for server in more:
        await server.start(tls=server.name == "Secure")
    secure, page, failing, limiting = more
    page.faults.add("*", HtmlPage(), times=None)
    failing.faults.add("*", Status(500), times=None)
    limiting.faults.add("*", Status(429), times=None)
    # The servers share the loop: what one of them says of http at its port for TLS is no failure of Home Assistant.
    handler = hass.loop.get_exception_handler()
    hass.loop.set_exception_handler(lambda *_: None)
    async with proxy(next(iter(SIGN_INS.values()))) as front:
        yield Servers(jellyfin, emby, plex, secure, page, failing, limiting, front.url)
    for server in more:
        await server.stop()
    hass.loop.set_exception_handler(handler)


type Row = tuple[Callable[[Servers], str], str, str, str]

ROWS: dict[str, Row] = {
    # what is typed: the address, and how it ends for Jellyfin, Emby and Plex
    "Emby": (lambda s: s.emby.url, "wrong_kind", NEXT, "wrong_kind"),
    "Emby, no scheme": (lambda s: f"127.0.0.1:{s.emby.port}", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, spaces": (lambda s: f"  {s.emby.url} ", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, upper case": (lambda s: s.emby.url.upper(), "wrong_kind", NEXT, "wrong_kind"),
    "Emby, slash": (lambda s: f"{s.emby.url}/", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, web app": (lambda s: f"{s.emby.url}/web/index.html#!/home", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, query": (lambda s: f"{s.emby.url}/web/?x=1", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, fragment": (lambda s: f"{s.emby.url}/#/home", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, name and password": (lambda s: s.emby.url.replace("//", "//anna:x@"), "wrong_kind", NEXT, "wrong_kind"),
    "Emby, wrong base path": (lambda s: f"{s.emby.url}/media", "wrong_kind", NEXT, "wrong_kind"),
    "Emby, web": (lambda s: f"{s.emby.url}/web", "wrong_kind", NEXT, "wrong_kind"),
    "Jellyfin": (lambda s: s.jellyfin.url, NEXT, "wrong_kind", "wrong_kind"),
    "Jellyfin, no scheme": (lambda s: s.jellyfin.url[7:], NEXT, "wrong_kind", "wrong_kind"),
    "Jellyfin, no base path": (lambda s: s.jellyfin.url[:-9], NEXT, "wrong_kind", "redirected"),
    "Jellyfin, web app": (lambda s: f"{s.jellyfin.url}/web/#/home.html", NEXT, "wrong_kind", "wrong_kind"),
    "Jellyfin, slashes": (lambda s: f"{s.jellyfin.url}//", NEXT, "wrong_kind", "wrong_kind"),
    "Plex": (lambda s: s.plex.url, "wrong_kind", "wrong_kind", "invalid_auth"),
    "Plex, no scheme": (lambda s: f"127.0.0.1:{s.plex.port}", "wrong_kind", "wrong_kind", "invalid_auth"),
    "Plex, web app": (lambda s: f"{s.plex.url}/web/index.html#!/", "wrong_kind", "wrong_kind", "invalid_auth"),
    "Plex, wrong base path": (lambda s: f"{s.plex.url}/plex", "wrong_kind", "wrong_kind", "invalid_auth"),
    "app.plex.tv": (lambda _: "https://app.plex.tv/desktop", *3 * ("plex_website",)),
    "plex.tv": (lambda _: "plex.tv", *3 * ("plex_website",)),
    "TLS, no scheme": (lambda s: f"127.0.0.1:{s.secure.port}", *3 * ("certificate",)),
    "TLS, http": (lambda s: f"http://127.0.0.1:{s.secure.port}", *3 * ("certificate",)),
    "TLS, self-signed": (lambda s: s.secure.url, *3 * ("certificate",)),
    "https, but no TLS": (lambda s: s.emby.url.replace("http:", "https:"), *3 * ("cannot_connect",)),
    "a web page": (lambda s: s.page.url, *3 * ("cannot_connect",)),
    "an error": (lambda s: s.failing.url, *3 * ("server_error",)),
    "too many requests": (lambda s: s.limiting.url, *3 * ("rate_limited",)),
    "a proxy's sign-in": (lambda s: s.proxy_url, *3 * ("proxy_sign_in",)),
    "wrong port": (lambda _: "http://127.0.0.1:1", *3 * ("cannot_connect",)),
    "a port that cannot be": (lambda _: "http://127.0.0.1:99999", *3 * ("cannot_connect",)),
    "another scheme": (lambda _: "ftp://127.0.0.1", *3 * ("cannot_connect",)),
    "no port number": (lambda _: "http://127.0.0.1:port", *3 * ("cannot_connect",)),
    "half an IPv6 address": (lambda _: "http://[::1", *3 * ("cannot_connect",)),
    "a sentence": (lambda _: "the one in the cellar", *3 * ("cannot_connect",)),
    "nothing": (lambda _: " ", *3 * ("cannot_connect",)),
}


def test_how_many() -> None:
    """As many as were tried by hand."""
    assert len(ROWS) == 37


async def at_form(hass: HomeAssistant, kind: str) -> Dialog:
    """Open the dialog up to the form that asks for the address."""
    dialog = await add_account(hass, kind)
    if kind == "plex":
        await dialog.choose("plex_manual")
    return dialog


def outcome(dialog: Dialog) -> str:
    """Return how an address ended; the token is wrong, so that the answer of Plex is that it is refused."""
    if dialog.step["type"] == "menu":
        assert dialog.step["step_id"] == "sign_in"
        return NEXT
    ((field, error),) = dialog.step["errors"].items()
    assert field == ("token" if error == "invalid_auth" else "url")
    return str(error)


@pytest.mark.parametrize("kind", KINDS)
async def test_table(hass: HomeAssistant, servers: Servers, kind: str) -> None:
    """Each ends as the table says, and what was typed stays."""
    more = {"token": TOKEN} if kind == "plex" else {}
    ends = {}
    for name, (typed, *_) in ROWS.items():
        dialog = await at_form(hass, kind)
        await dialog.submit(url=typed(servers), verify_ssl=True, **more)
        ends[name] = outcome(dialog)
        if ends[name] != NEXT:
            assert dialog.suggested("url") == typed(servers), name
        dialog.close()

    expected = {name: row[1 + KINDS.index(kind)] for name, row in ROWS.items()}
    assert dict(ends.items() - expected.items()) == {}


@pytest.mark.parametrize(("kind", "right"), [("jellyfin", "emby"), ("emby", "jellyfin"), ("plex", "emby")])
async def test_going_on_with_the_right_kind(hass: HomeAssistant, servers: Servers, kind: str, right: str) -> None:
    """The form offers it by name; the address is known then."""
    server = servers.emby if right == "emby" else servers.jellyfin
    more = {"token": TOKEN} if kind == "plex" else {}
    dialog = await at_form(hass, kind)
    await dialog.submit(url=server.url, verify_ssl=True, **more)
    assert dialog.step["errors"] == {"url": "wrong_kind"}
    assert dialog.step["description_placeholders"]["kind_plain"] == right.title()
    await dialog.submit(url=server.url, verify_ssl=True, go_on=True, **more)

    assert dialog.step["step_id"] == "sign_in"
    await dialog.choose("password")
    step = await dialog.submit(username="Anna", password="secret")
    assert step["title"] == f"{right.title()} (Anna)"


async def test_going_on_with_plex(hass: HomeAssistant, servers: Servers) -> None:
    """The ways to sign in to Plex come next; by hand, the address is filled in."""
    dialog = await at_form(hass, "emby")
    await dialog.submit(url=servers.plex.url, verify_ssl=True)
    await dialog.submit(url=servers.plex.url, verify_ssl=True, go_on=True)
    assert dialog.step["step_id"] == "plex"
    await dialog.choose("plex_manual")

    assert dialog.suggested("url") == servers.plex.url
    step = await dialog.submit(url=servers.plex.url, verify_ssl=True, token=servers.plex.token("Olga"))
    assert step["title"] == "Plex (Olga)"


async def test_another_address_instead(hass: HomeAssistant, servers: Servers) -> None:
    """Who corrects the address stays with the kind that was chosen, whether the offer is declined or not."""
    for go_on in (True, False):
        dialog = await at_form(hass, "jellyfin")
        await dialog.submit(url=servers.emby.url, verify_ssl=True)
        await dialog.submit(url=servers.jellyfin.url, verify_ssl=True, go_on=go_on)
        assert dialog.step["step_id"] == "sign_in"
        await dialog.choose("password")
        assert dialog.step["description_placeholders"]["server_plain"] == "Attic"
        dialog.close()


async def test_what_refuses_everybody(hass: HomeAssistant, servers: Servers) -> None:
    """Before anybody signs in, a refusal says nothing about a sign-in: no such server is there."""
    servers.page.faults.clear()
    servers.page.faults.add("*", Status(401), times=None)
    dialog = await at_form(hass, "jellyfin")
    await dialog.submit(url=servers.page.url, verify_ssl=True)

    assert dialog.step["errors"] == {"url": "cannot_connect"}


async def test_usual_ports(hass: HomeAssistant, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no port was typed, the usual ones are tried, and nothing secret is sent before one has answered."""
    for kind, server in ((ServerType.EMBY, servers.emby), (ServerType.PLEX, servers.plex)):
        monkeypatch.setitem(probing._PORTS, kind, (("http", server.port),))  # noqa: SLF001
    dialog = await at_form(hass, "emby")
    await dialog.submit(url="127.0.0.1", verify_ssl=True)
    assert dialog.step["step_id"] == "sign_in"

    dialog = await at_form(hass, "plex")
    step = await dialog.submit(url="http://127.0.0.1", verify_ssl=True, token=servers.plex.token("Olga"))
    assert step["result"].data["url"] == servers.plex.url


@pytest.mark.parametrize(
    ("typed", "kind", "near"),
    [
        (
            "media.example",
            ServerType.JELLYFIN,
            [
                "http://media.example:8096",
                "https://media.example:8920",
                "https://media.example",
                "http://media.example/jellyfin",
                "http://media.example:8096/jellyfin",
                "https://media.example:8920/jellyfin",
                "https://media.example/jellyfin",
            ],
        ),
        ("https://media.example", ServerType.PLEX, ["https://media.example:32400"]),
        (
            "http://media.example:8096/x",
            ServerType.EMBY,
            ["https://media.example:8096/x", "http://media.example:8096", "https://media.example:8096"],
        ),
    ],
)
def test_what_is_tried(typed: str, kind: ServerType, near: list[str]) -> None:
    """The usual ports only where none was typed, and never http where https was."""
    assert probing.candidates(typed, kind) == near
