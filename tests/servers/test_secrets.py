"""Tokens, passwords, PINs and secrets appear in no log and in no exception, whatever goes wrong."""

import asyncio
from collections.abc import Iterator
import logging
import traceback
from typing import Any

from aiohttp import web
import pytest

from custom_components.resume_sync.servers.sign_in import ServerUser, SignedIn
from custom_components.resume_sync.sync.media_server import InvalidAuth, MediaServerError
from tests.servers.all_clients import SECRETS, TOKEN, Request, requests_to
from tests.servers.mediabrowser.answers import answering
from tests.servers.plex.script import payload

pytestmark = pytest.mark.usefixtures("socket_enabled")

ECHO = " ".join(SECRETS)
HTML = {"text": f"<!DOCTYPE html><html><body>{ECHO}</body></html>", "content_type": "text/html"}
WAYS: dict[str, dict[str, Any]] = {
    "json": {"text": f'{{"AccessToken": 5, "error": "{ECHO}"}}', "content_type": "application/json"},
    "broken json": {"text": f'{{"error": "{ECHO}', "content_type": "application/json"},
    "broken xml": {"text": f'<MediaContainer size="1" a="{ECHO}"', "content_type": "text/xml"},
    "other xml": {"text": f'<{TOKEN} size="{TOKEN}"/>', "content_type": "text/xml"},
    "web page": HTML,
    "400": {"status": 400, **HTML},
    "401": {"status": 401, **HTML},
    "403": {"status": 403, **HTML},
    "404": {"status": 404, **HTML},
    "429": {"status": 429, "headers": {"Retry-After": TOKEN}, **HTML},
    "498": {"status": 498, **HTML},
    "500": {"status": 500, **HTML},
    "redirect": {"status": 302, "headers": {"Location": f"http://127.0.0.1:1/?X-Plex-Token={TOKEN}"}},
    "strange headers": {"headers": {"Content-Type": f"text/{TOKEN}", "Date": TOKEN, "Content-Encoding": TOKEN}},
    "reset": {},
}


def exceptions_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception with everything that led to it, shown or not."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
    yield from seen


def told_by(error: BaseException) -> str:
    """Return all that an exception tells to who logs it, in any way."""
    texts = [f"{one!s} {one!r} {one.args!r}" for one in exceptions_of(error) if isinstance(one, MediaServerError)]
    return " ".join(texts) + "".join(traceback.format_exception(error))


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return what the clients and the libraries below them logged; the server's own access log is none of ours."""
    return "\n".join(
        f"{record.getMessage()} {record.args!r} {record.exc_text}"
        for record in caplog.records
        if record.name != "aiohttp.access"
    )


async def told_about_failure(request: Request) -> str:
    """Make a request, and return all that its failure tells."""
    try:
        await request()
    except MediaServerError as error:
        return told_by(error)
    return ""


def secrets_in(text: str) -> list[str]:
    """Return the secrets that a text tells."""
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Let all loggers tell all they have to tell."""
    for name in ("", "aiohttp", "aiohttp.client", "urllib3", "plexapi", "requests", "asyncio", "custom_components"):
        caplog.set_level(logging.DEBUG, logger=name)


@pytest.mark.parametrize("identified", [False, True])
@pytest.mark.parametrize("way", list(WAYS))
async def test_failures_tell_no_secret(way: str, identified: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Every request of every client fails in this way, also of a server that has said who it is."""
    asyncio.get_running_loop().set_debug(True)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/identity" and identified:
            return web.Response(text=payload("identity.xml"), content_type="text/xml")
        if way == "reset":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(**WAYS[way])

    async with answering(answer) as url, requests_to(url) as requests:
        for name, request in requests.items():
            told = await told_about_failure(request)
            assert secrets_in(told) == [], name
            assert url not in told, name

    assert "Starting new HTTP connection" in logged(caplog)
    assert secrets_in(logged(caplog)) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://", "nonsense", "http://[::1", "https://127.0.0.1:1"])
async def test_an_unusable_address_stays_out_of_errors_and_log(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """No request is sent; the error and the log do not hold the address."""
    async with requests_to(address) as requests:
        for name, request in requests.items():
            told = await told_about_failure(request)
            assert told, name
            assert secrets_in(told) == [], name
    assert secrets_in(logged(caplog)) == []


@pytest.mark.parametrize("token", [f"{TOKEN}\r\nX-Other: 1", f"{TOKEN}\u20ac", f"{TOKEN} \x00", ""])
async def test_tokens_that_no_header_can_carry(token: str, caplog: pytest.LogCaptureFixture) -> None:
    """A token with line breaks neither adds a header nor ends up in the message of who refuses it."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        if request.path == "/identity":
            return web.Response(text=payload("identity.xml"), content_type="text/xml")
        return web.json_response({"Items": [], "TotalRecordCount": 0})

    async with answering(answer) as url, requests_to(url, token=token) as requests:
        for name in ("plex in_progress", "plex.tv user", "plex.tv servers"):
            with pytest.raises(InvalidAuth) as caught:
                await requests[name]()
            assert TOKEN not in told_by(caught.value)
        for name in ("emby in_progress", "jellyfin open_sessions", "emby users"):
            assert TOKEN not in await told_about_failure(requests[name])

    assert TOKEN not in logged(caplog)
    assert not any("X-Other" in request.headers for request in asked)


async def test_the_check_for_secrets_finds_a_leaked_token(caplog: pytest.LogCaptureFixture) -> None:
    """A token in the log, in an exception or in its cause is found."""
    logging.getLogger("custom_components.resume_sync").debug("GET /?X-Plex-Token=%s", TOKEN)

    assert TOKEN in logged(caplog)
    assert TOKEN in told_by(MediaServerError(f"refused {TOKEN}"))
    refused = InvalidAuth("refused")
    refused.__context__ = MediaServerError(TOKEN)
    assert TOKEN in told_by(refused)


def test_secrets_are_not_shown() -> None:
    """The `repr` of an object that holds a token does not show it."""
    assert TOKEN not in repr(SignedIn(TOKEN, ServerUser("1", "anna")))
