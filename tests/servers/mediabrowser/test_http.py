"""JSON over HTTP, over real sockets: the result or error of each kind of answer."""

from email.utils import formatdate
import gzip

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.servers.http import (
    MAX_RETRY_AFTER_SECONDS,
    Answer,
    JsonConnection,
    UnexpectedStatusError,
    clock_skew_ms,
    real_now,
    retry_after_seconds,
)
from custom_components.resume_sync.servers.limits import Limits
from custom_components.resume_sync.sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    RateLimited,
    ServerBusy,
)
from tests.servers.mediabrowser.answers import answering
from tests.servers.mediabrowser.connection import NOW, TOKEN, always, connected, failure_of

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_request_goes_where_it_should_with_what_it_should() -> None:
    """Base path, query, headers and body; JSON, time and skew come back."""
    seen: list[tuple[str, str, str, object]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        seen.append((request.method, request.path_qs, request.headers["Authorization"], body))
        date = formatdate(NOW / 1000 + 90, usegmt=True)
        return web.json_response({"a": 1}, headers={"Date": date})

    async with connected(handler) as connection:
        got = await connection.get("/Items", {"Ids": "a,b", "Limit": 2})
        posted = await connection.post_for_json("/Users", {"Pw": ""})
        ignored = await connection.post("/UserData", {"Played": False})

    header = f'MediaBrowser Token="{TOKEN}"'
    assert seen == [
        ("GET", "/base/Items?Ids=a,b&Limit=2", header, None),
        ("POST", "/base/Users", header, {"Pw": ""}),
        ("POST", "/base/UserData", header, {"Played": False}),
    ]
    assert got == Answer({"a": 1}, NOW, 90_500)
    assert (posted.body, ignored.body) == ({"a": 1}, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (403, NotAllowed),
        (404, NotFound),
        (429, RateLimited),
        (503, ServerBusy),
        (502, CannotConnect),
        (504, CannotConnect),
        (400, UnexpectedStatusError),
        (500, UnexpectedStatusError),
        (304, UnexpectedStatusError),
        (405, UnexpectedStatusError),
    ],
)
async def test_statuses(status: int, expected: type[MediaServerError]) -> None:
    """Each status has its own meaning, whatever the body."""
    error = await failure_of(always(lambda: web.Response(status=status, text="<html>", content_type="text/html")))

    assert type(error) is expected
    assert getattr(error, "status", status) == status


async def test_refusals_are_confirmed_where_that_is_wanted() -> None:
    """A request that was refused has done nothing, so that it is sent again; once where nobody wants that."""
    answers: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({}, status=answers.pop(0))

    async with answering(handler) as url, aiohttp.ClientSession() as session:
        patient = JsonConnection(session, url, {}, confirm_seconds=0)
        for ask in (patient.get, lambda path: patient.post(path, {}), lambda path: patient.post_for_json(path, {})):
            answers[:] = [401, 200]
            await ask("/x")
            for second, error in ((401, InvalidAuth), (404, NotFound), (403, NotAllowed)):
                answers[:] = [401, second, 200]
                with pytest.raises(error):
                    await ask("/x")
                assert answers == [200]
        answers[:] = [401, 200]
        with pytest.raises(InvalidAuth):
            await JsonConnection(session, url, {}).post_for_json("/Users/AuthenticateByName", {})
        assert answers == [200]


@pytest.mark.parametrize(("value", "seconds"), [("005", 5.0), (None, None), ("soon", None)])
async def test_busy_tells_how_long(value: str | None, seconds: float | None) -> None:
    """A server that starts tells when to come back."""
    headers = {} if value is None else {"Retry-After": value}
    error = await failure_of(always(lambda: web.Response(status=503, headers=headers)))

    assert isinstance(error, ServerBusy)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<html>sign in here</html>", "text/html"),
        (b'{"Items": []}', "text/plain"),
        (b'{"Items": [', "application/json"),
        (b"", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b'{"a": "\xff"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"9" * 5000, "application/json"),
        (b" " * 200_001, "application/json"),
    ],
)
async def test_nonsense_is_a_bad_response(content: bytes, content_type: str) -> None:
    """Web pages, halves, empty bodies, invalid JSON, and JSON that is too deep or too large."""
    async with connected(always(lambda: web.Response(body=content, content_type=content_type))) as bad:
        with pytest.raises(BadResponse):
            await bad.get("/Items", limits=Limits(size=200_000))


@pytest.mark.parametrize("content_type", ["application/json", "application/problem+json", "application/vnd.x-y.z+json"])
async def test_json_is_read_under_any_of_its_content_types(content_type: str) -> None:
    """`application/json`, and types that end in `+json`."""
    async with connected(always(lambda: web.Response(body=b"[]", content_type=content_type))) as connection:
        assert (await connection.get("/Sessions")).body == []


async def test_the_limit_holds_for_what_is_unpacked() -> None:
    """A small body that unpacks to a large one is too large."""
    packed = gzip.compress(b" " * 1_000_000)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    error = await failure_of(always(lambda: web.Response(body=packed, headers=headers)), limits=Limits(size=2000))

    assert isinstance(error, BadResponse)
    assert "large" in str(error)


async def test_broken_compression() -> None:
    """A body that cannot be unpacked is broken."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    error = await failure_of(always(lambda: web.Response(body=b"not packed at all", headers=headers)))

    assert isinstance(error, BadResponse)


async def test_a_body_that_ends_early() -> None:
    """Half a body is no body."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"Items": []}')
        assert request.transport is not None
        request.transport.close()
        return response

    assert isinstance(await failure_of(handler), BadResponse)


@pytest.mark.parametrize("status", [200, 204])
async def test_the_body_of_an_answer_to_a_post_is_ignored(status: int) -> None:
    """Emby's documentation promises an empty answer, Emby sends one with a body."""
    text = "" if status == 204 else "whatever"
    async with connected(always(lambda: web.Response(status=status, text=text))) as connection:
        assert (await connection.post("/UserData", {})).body is None


async def test_a_web_page_is_no_answer_to_a_post() -> None:
    """A sign-in page of a proxy says 200 to everything."""
    async with connected(always(lambda: web.Response(text="<html>", content_type="text/html"))) as connection:
        with pytest.raises(BadResponse):
            await connection.post("/UserData", {})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("-5", None),
        ("five", None),
        ("\u0665", None),
        ("0", 0.0),
        ("005", 5.0),
        (" 120 ", 120.0),
        ("99999", MAX_RETRY_AFTER_SECONDS),
        ("9" * 500, MAX_RETRY_AFTER_SECONDS),
        (formatdate(NOW / 1000 + 30, usegmt=True), 30.0),
        (formatdate(NOW / 1000 - 30, usegmt=True), 0.0),
        (formatdate(NOW / 1000 + 30), 30.0),
        ("Fri, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds with leading zeros, dates, and nonsense."""
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_no_header_breaks_the_reading(text: str) -> None:
    """Headers come from anywhere."""
    assert 0 <= (retry_after_seconds(text, NOW) or 0) <= MAX_RETRY_AFTER_SECONDS
    assert isinstance(clock_skew_ms(text, NOW, NOW), int)


@pytest.mark.parametrize("skew", [-3_600_000, -60_000, -5_000, 5_000, 60_000, 86_400_000])
@pytest.mark.parametrize("fraction", [0, 1, 499, 500, 999])
@pytest.mark.parametrize("round_trip", [0, 40, 900])
def test_a_clock_that_is_off_is_seen(skew: int, fraction: int, round_trip: int) -> None:
    """To about a second: dates are whole seconds."""
    sent_at = NOW + fraction
    date = formatdate((sent_at + round_trip // 2 + skew) // 1000, usegmt=True)

    assert abs(clock_skew_ms(date, sent_at, sent_at + round_trip) - skew) <= 501


@pytest.mark.parametrize("skew", [-1_400, -900, 0, 900, 1_400])
@pytest.mark.parametrize("fraction", [0, 250, 999])
def test_a_difference_of_up_to_two_seconds_is_no_skew(skew: int, fraction: int) -> None:
    """A `Date` header has whole seconds only."""
    sent_at = NOW + fraction

    assert clock_skew_ms(formatdate((sent_at + skew) // 1000, usegmt=True), sent_at, sent_at + 20) == 0


def test_a_slow_answer_is_no_skew() -> None:
    """An answer that took ten seconds may have been dated at any time within them."""
    for dated in (0, 5_000, 10_000):
        assert clock_skew_ms(formatdate((NOW + dated) // 1000, usegmt=True), NOW, NOW + 10_000) == 0
    assert clock_skew_ms(None, NOW, NOW) == 0
    assert clock_skew_ms("Sat, 21 Nov 2026", NOW, NOW) == 0


def test_real_time() -> None:
    """The default clock counts epoch milliseconds."""
    assert real_now() > NOW - 20 * 365 * 86_400_000
