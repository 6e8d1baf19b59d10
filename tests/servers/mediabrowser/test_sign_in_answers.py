"""What Jellyfin and Emby answer to sign-ins: the samples, errors, wrong shapes, versions and our headers."""

import aiohttp
from aiohttp import web
import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.mediabrowser.emby import EmbyServer, EmbySignIn
from custom_components.resume_sync.servers.mediabrowser.jellyfin import JellyfinServer
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn, QuickConnect
from custom_components.resume_sync.servers.sign_in import SignedIn
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    InvalidAuth,
    NotAllowed,
    ServerBusy,
    UnsupportedVersion,
)
from custom_components.resume_sync.sync.model import ServerType

from .answers import answering, by_path
from .samples import sample

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_samples() -> None:
    """The recorded shapes of both servers are read."""
    for server, kind, server_type in (
        ("jellyfin", JellyfinSignIn, ServerType.JELLYFIN),
        ("emby", EmbySignIn, ServerType.EMBY),
    ):
        answers = {
            "/System/Info/Public": sample(server, "system_info_public"),
            "/Users/AuthenticateByName": sample(server, "authenticate_by_name"),
            "/Users": sample(server, "users"),
            "/Users/Me": sample(server, "users")[0],
        }
        async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
            signing = kind(session, url=url, device_id="d")
            info = await signing.server_info()
            signed = await signing.with_password("anna", "x")
            users = await signing.users("key")
        assert (info.server_type, info.name) == (server_type, "Den")
        assert signed == SignedIn("0123456789abcdef0123456789abcdef", users[0])
        assert [user.name for user in users] == ["anna", "ben", "kid"]


async def test_quick_connect_samples() -> None:
    """The recorded steps of Quick Connect are read."""
    steps = sample("jellyfin", "quickconnect_steps")
    answers = {
        "/QuickConnect/Enabled": steps["enabled"],
        "/QuickConnect/Initiate": steps["initiate"],
        "/QuickConnect/Connect": steps["connect_approved"],
        "/Users/AuthenticateWithQuickConnect": steps["authenticate"],
    }
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        signing = JellyfinSignIn(session, url=url, device_id="d")
        assert await signing.quick_connect_enabled() is True
        assert await signing.start_quick_connect() == QuickConnect("260018", steps["initiate"]["Secret"])
        signed = await signing.finish_quick_connect("x")
        answers["/QuickConnect/Connect"] = steps["connect_pending"]
        assert await signing.finish_quick_connect("x") is None
    assert signed is not None
    assert signed.user.name == "ben"


@pytest.mark.parametrize("server", ["jellyfin", "emby"])
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no_token", InvalidAuth),
        ("other_user_forbidden", NotAllowed),
        ("bad_guid", BadResponse),
        ("starting", ServerBusy),
    ],
)
async def test_recorded_errors(server: str, name: str, error: type[Exception]) -> None:
    """What both servers answer when they refuse, in their own words."""
    recorded = sample(server, "errors")[name]
    body = recorded["body"] if isinstance(recorded["body"], str) else "{}"
    headers = {"Retry-After": recorded["retry_after"]} if recorded.get("retry_after") else {}

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=recorded["status"], text=body, headers=headers)

    kind, item_id = (JellyfinServer, "a" * 32) if server == "jellyfin" else (EmbyServer, "7")
    async with answering(handler) as url, aiohttp.ClientSession() as session:
        client = kind(session, url=url, token="t", user_id="u", device_id="d", confirm_seconds=0)
        with pytest.raises(error):
            await client.states([item_id])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "/Users/AuthenticateByName"),
        ({"User": {"Id": "1", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "", "User": {"Id": "1", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t"}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t", "User": {"Id": "", "Name": "a"}}, "/Users/AuthenticateByName"),
        ({"AccessToken": "t", "User": {"Id": "1"}}, "/Users/AuthenticateByName"),
    ],
)
async def test_a_sign_in_of_the_wrong_shape(body: object, path: str) -> None:
    """No token without its user."""
    async with answering(by_path({path: body})) as url, aiohttp.ClientSession() as session:
        with pytest.raises(BadResponse):
            await EmbySignIn(session, url=url, device_id="d").with_password("a", "b")


async def test_quick_connect_of_the_wrong_shape() -> None:
    """A code without a secret, a truth that is none."""
    answers: dict[str, object] = {"/QuickConnect/Enabled": "yes"}
    async with answering(by_path(answers)) as url, aiohttp.ClientSession() as session:
        signing = JellyfinSignIn(session, url=url, device_id="d")
        with pytest.raises(BadResponse):
            await signing.quick_connect_enabled()
        for started in ({}, {"Code": "1"}, {"Code": "", "Secret": "x"}, {"Code": "1", "Secret": ""}, {"Secret": "x"}):
            answers["/QuickConnect/Initiate"] = started
            with pytest.raises(BadResponse):
                await signing.start_quick_connect()


def test_headers() -> None:
    """One Authorization header with encoded values; the legacy token header only where it is needed."""
    expected = (
        'MediaBrowser Client="Resume Sync", Device="Home Assistant", DeviceId="a%22%2Bb%25", Version="0.1.0", Token="t"'
    )

    assert JELLYFIN.headers('a"+b%', "t") == {"Authorization": expected}
    assert EMBY.headers('a"+b%', "t") == {"Authorization": expected, "X-Emby-Token": "t"}
    assert EMBY.headers("d") == JELLYFIN.headers("d")
    assert "Token" not in EMBY.headers("d")["Authorization"]


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("10.9.0", (10, 9)),
        ("10.11.11", (10, 11)),
        ("12.0.0-rc5", (12, 0)),
        (" 12.0 ", (12, 0)),
        ("100.1", (100, 1)),
        ("v10.11.5", (10, 11)),
    ],
)
def test_versions(version: str, numbers: tuple[int, int]) -> None:
    """Release candidates count as their release, ten is more than nine, and some put a letter in front."""
    assert JELLYFIN.supported(version) == numbers


@pytest.mark.parametrize("version", ["", "12", "a.b", "10.9x", "99999.1", "vv10.11.5", "version 10.11"])
def test_a_version_that_cannot_be_read_is_not_supported(version: str) -> None:
    """The server is there, and told as what it is: one whose version nobody knows."""
    with pytest.raises(UnsupportedVersion):
        JELLYFIN.supported(version)


def test_which_kind_of_server() -> None:
    """Only Jellyfin names its product and its set-up."""
    jellyfin_info, emby_info = (sample(server, "system_info_public") for server in ("jellyfin", "emby"))
    bare = {"ProductName": "Jellyfin Server"}
    fork = {"StartupWizardCompleted": True, "ProductName": 5}

    assert [JELLYFIN.speaks(info) for info in (jellyfin_info, emby_info, bare, fork)] == [True, False, True, True]
    assert [EMBY.speaks(info) for info in (jellyfin_info, emby_info, bare, fork)] == [False, True, False, False]
