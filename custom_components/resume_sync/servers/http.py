"""JSON over HTTP with one media server: within limits, never redirected, every failure a `MediaServerError`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
import re
import time
from typing import Any, Never

import aiohttp

from ..sync.media_server import (
    BadCertificate,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ProxySignIn,
    RateLimited,
    Redirected,
    ServerBusy,
)
from .json_reader import JsonReader
from .limits import LIBRARY_SECONDS, ORDINARY, Limits
from .plausible import EARLIEST_DATE_MS, LATEST_DATE_MS
from .unpacking import ACCEPT_ENCODING, PIECE, Unpacking, beginning

CONFIRM_SECONDS = 3.0
CONNECT_TIMEOUT_SECONDS = 10.0
MAX_RETRY_AFTER_SECONDS = 3600.0
HTTP_DATE_TOLERANCE_MS = 2000
REFUSAL_BYTES = 16 * 1024
REFUSED = "The server refuses the token or the credentials"

# What is read at once of an answer: up to here on the event loop, more of it beside the loop.
_SMALL_BYTES = 16 * 1024
_PART_BYTES = 256 * 1024
# Plex: a token that was signed for some days has run out (Plex API documentation, "JWT Authentication").
_TOKEN_EXPIRED = 498
_TOO_MANY = 429
_JSON_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json")
# Jellyfin and Emby send no web page with a 401; this is in that of a Plex Media Server.
_PAGE_OF_PLEX = b"<h1>401 Unauthorized</h1>"

type Query = Mapping[str, str | int]


def real_now() -> int:
    """Return this machine's time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class UnexpectedStatusError(BadResponse):
    """An HTTP status without an error class of its own, such as 400, 409 or 500; `status` holds it."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(f"The server answers HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer[Body]:
    """A successful answer. `body` is decoded JSON, or the root of an XML document; None where nothing came.

    `sent_at` is when the request left, in epoch milliseconds of this machine. `skew_ms` is the server's clock minus
    this machine's, as far as the `Date` header tells. `size` is the length of the body in bytes.
    """

    body: Body
    sent_at: int
    skew_ms: int
    kept: int = field(default=0, compare=False)


class JsonConnection:
    """Requests to one server, each with the same headers; the session belongs to the caller.

    Every request raises `InvalidAuth` for status 401 (`ProxySignIn` where a proxy sends it), `NotAllowed` for 403,
    `NotFound` for 404, `ServerBusy` for 429 and 503, `CannotConnect` for 502, 504, time-outs and broken connections.
    Anything else that is not the expected answer is a `BadResponse`: another status, a redirect, a wrong content type,
    broken JSON, a body beyond its limits.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        headers: Mapping[str, str],
        *,
        now: Callable[[], int] = real_now,
        timeout_seconds: float = LIBRARY_SECONDS,
        behind_proxy: bool = True,
        confirm_seconds: float | None = None,
    ) -> None:
        """Open nothing yet. `url` may have a base path; `now` is epoch milliseconds.

        No request takes longer than `timeout_seconds`, whatever its own limits are. `behind_proxy` False: each 401 is
        the server's own, however it looks. `confirm_seconds`: a refusal is believed only if it comes again that much
        later; None: at once, as for a password, which must not be tried twice.
        """
        self._session = session
        self._url = url.strip().rstrip("/")
        self._headers = {"Accept": "application/json", **headers}
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._behind_proxy = behind_proxy
        self._confirm_seconds = confirm_seconds

    async def get(self, path: str, query: Query | None = None, limits: Limits = ORDINARY) -> Answer[object]:
        """GET a path and return its JSON."""
        return await self.get_as(path, query, limits, json_of)

    async def get_as[Body](
        self,
        path: str,
        query: Query | None,
        limits: Limits,
        read: Callable[[aiohttp.ClientResponse, Limits], Awaitable[tuple[Body, int]]],
    ) -> Answer[Body]:
        """GET a path and return what a reader makes of its body."""
        return await self._confirmed(lambda: self._request("GET", path, query, None, limits=limits, read=read))

    async def post_for_json(self, path: str, body: object, query: Query | None = None) -> Answer[object]:
        """POST `body` as JSON and return the JSON of the answer."""
        return await self._confirmed(lambda: self._request("POST", path, query, body, limits=ORDINARY, read=json_of))

    async def post(self, path: str, body: object, query: Query | None = None) -> Answer[object]:
        """POST `body` as JSON and ignore the body of the answer; a web page raises BadResponse.

        Not repeated when the connection breaks: the server may have stored it already. The caller has to read back.
        """
        return await self._confirmed(
            lambda: self._request("POST", path, query, body, limits=ORDINARY, read=_nothing_of)
        )

    async def _confirmed[Body](self, ask: Callable[[], Awaitable[Answer[Body]]]) -> Answer[Body]:
        """Ask, and once more after a refusal where that is wanted: what was refused has done nothing."""
        try:
            return await ask()
        except InvalidAuth:
            if self._confirm_seconds is None:
                raise
        await asyncio.sleep(self._confirm_seconds)
        return await ask()

    async def _request[Body](
        self,
        method: str,
        path: str,
        query: Query | None,
        body: object,
        *,
        limits: Limits,
        read: Callable[[aiohttp.ClientResponse, Limits], Awaitable[tuple[Body, int]]],
    ) -> Answer[Body]:
        """Send one request and read its answer."""
        if self._session.closed:
            raise CannotConnect("The connection was closed here")
        limits = limits.at_most(self._timeout_seconds)
        sent_at = self._now()
        try:
            async with answered(
                self._session, method, f"{self._url}{path}", limits, params=query, json=body, headers=self._headers
            ) as response:
                skew_ms = clock_skew_ms(response.headers.get("Date"), sent_at, self._now())
                if response.status == 401:
                    raise await self._refusal(response)
                if response.status >= 300:
                    raise_for_status(response.status, response.headers, self._now())
                found, kept = await read(response, limits)
                return Answer(found, sent_at, skew_ms, kept)
        except MediaServerError:
            raise
        except TimeoutError:
            raise CannotConnect("The server did not answer in time") from None
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as err:
            raise BadResponse(f"The answer was cut off or broken ({type(err).__name__})") from None
        except aiohttp.ClientConnectorCertificateError:
            raise BadCertificate("The certificate of the server is not trusted") from None
        except (aiohttp.ClientError, OSError) as err:
            raise CannotConnect(f"The server could not be reached ({type(err).__name__})") from None
        except ValueError as err:
            raise CannotConnect(f"No request could be sent to this address ({type(err).__name__})") from None

    async def _refusal(self, response: aiohttp.ClientResponse) -> MediaServerError:
        """Return the error that a 401 stands for."""
        if self._behind_proxy:
            page = await response.content.read(REFUSAL_BYTES)
            return refusal(response.headers, beginning(page, response.headers.get("Content-Encoding", "")))
        return InvalidAuth(REFUSED)


@asynccontextmanager
async def answered(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    limits: Limits,
    *,
    headers: Mapping[str, str],
    **options: Any,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send a request, and yield its answer, packed as it came; raises what aiohttp raises.

    At its deadline the connection is closed, whatever comes over it: the first line of an answer or the last,
    nothing or a byte now and then.
    """
    async with (
        asyncio.timeout(limits.seconds),
        session.request(
            method,
            url,
            headers={**headers, "Accept-Encoding": ACCEPT_ENCODING},
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT_SECONDS),
            allow_redirects=False,
            auto_decompress=False,
            **options,
        ) as response,
    ):
        yield response


async def json_of(response: aiohttp.ClientResponse, limits: Limits) -> tuple[object, int]:
    """Read a body that has to be JSON; return it with what it takes in memory. Raises BadResponse."""
    if _JSON_TYPE.fullmatch(response.content_type) is None:
        raise BadResponse("The answer is not JSON")
    reader = JsonReader(limits)
    return await read_body(response, limits, reader.feed, reader.close), reader.kept


async def _nothing_of(response: aiohttp.ClientResponse, limits: Limits) -> tuple[None, int]:
    """Read and drop a body; raises BadResponse for a web page."""
    pieces = 0

    def drop(_: bytes) -> None:
        """Only see that something came."""
        nonlocal pieces
        pieces += 1

    await read_body(response, limits, drop, lambda: None)
    if pieces and response.content_type == "text/html":
        raise BadResponse("The answer is a web page")
    return None, 0


async def read_body[Body](
    response: aiohttp.ClientResponse, limits: Limits, feed: Callable[[bytes], None], close: Callable[[], Body]
) -> Body:
    """Give a body to a reader, and return what the reader makes of it.

    A small body is read at once, a large or packed one beside the event loop, in parts, while the rest of it comes.
    """
    unpacking = Unpacking(response.headers.get("Content-Encoding", ""), limits)

    def take(data: bytes) -> None:
        """Read the next part."""
        for piece in unpacking.pieces(data):
            feed(piece)

    def take_last(data: bytes) -> Body:
        """Read the last part."""
        take(data)
        unpacking.close()
        return close()

    waiting = bytearray()
    async for data in response.content.iter_any():
        waiting += data
        if len(waiting) >= _PART_BYTES:
            await asyncio.to_thread(take, bytes(waiting))
            waiting.clear()
    if unpacking.packed or unpacking.size + len(waiting) > _SMALL_BYTES:
        return await asyncio.to_thread(take_last, bytes(waiting))
    return take_last(bytes(waiting))


async def decoded(text: bytes, limits: Limits) -> object:
    """Return the JSON of a text, a large one read beside the event loop; raises BadResponse."""

    def read() -> object:
        """Read it."""
        reader = JsonReader(limits)
        for start in range(0, len(text), PIECE):
            reader.feed(text[start : start + PIECE])
        return reader.close()

    return read() if len(text) <= _SMALL_BYTES else await asyncio.to_thread(read)


def refusal(headers: Mapping[str, str], body: bytes = b"") -> MediaServerError:
    """Return the error that a 401 stands for; `body` is as much of its body as is known.

    No media server sends `WWW-Authenticate`, or another web page than that of Plex: a proxy in front of it does, which
    says nothing about the token.
    """
    is_page = "html" in headers.get("Content-Type", "") or b"<html" in body.lower()
    if "WWW-Authenticate" in headers or (is_page and body.strip() and _PAGE_OF_PLEX not in body):
        return ProxySignIn("Something in front of the server asks for a sign-in of its own")
    return InvalidAuth(REFUSED)


def raise_for_status(status: int, headers: Mapping[str, str], now: int) -> Never:
    """Raise the error that an HTTP status stands for; `now` is epoch milliseconds, for a `Retry-After` date."""
    if status in (301, 302, 303, 307, 308):
        raise Redirected(headers.get("Location", ""))
    if status == 401:
        raise refusal(headers)
    if status == _TOKEN_EXPIRED:
        raise InvalidAuth(REFUSED)
    if status == 403:
        raise NotAllowed("The server does not allow this")
    if status == 404:
        raise NotFound("The server does not have this")
    if status in (429, 503):
        busy = RateLimited if status == _TOO_MANY else ServerBusy
        raise busy("The server asks to come back later", retry_after_seconds(headers.get("Retry-After"), now))
    if status in (502, 504):
        raise CannotConnect(f"Something between here and the server cannot reach it (HTTP {status})")
    raise UnexpectedStatusError(status)


def retry_after_seconds(value: str | None, now: int) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, at most 3600; None where it asks for nothing.

    It holds seconds, with leading zeros at times (Jellyfin sends `005` while it starts), or an HTTP date.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
    elif (moment := _http_date_ms(text)) is not None:
        seconds = (moment - now) / 1000
    else:
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def clock_skew_ms(date: str | None, sent_at: int, received_at: int) -> int:
    """Return the server's clock minus this machine's, in milliseconds, from a Date header.

    A date is rounded down to whole seconds and set some time between request and answer. A difference that this
    explains, with two seconds to spare, is 0.
    """
    server = None if date is None else _http_date_ms(date)
    if server is None:
        return 0
    half_round_trip = max(received_at - sent_at, 0) // 2
    skew = server + 500 - (sent_at + half_round_trip)
    return 0 if abs(skew) <= HTTP_DATE_TOLERANCE_MS + half_round_trip else skew


def _http_date_ms(text: str) -> int | None:
    """Return an HTTP date in epoch milliseconds; None where it is invalid or implausible."""
    try:
        moment = parsedate_to_datetime(text)
        epoch_ms = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except ValueError, OverflowError:
        return None
    return epoch_ms if EARLIEST_DATE_MS <= epoch_ms < LATEST_DATE_MS else None
