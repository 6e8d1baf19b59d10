"""Requests to one Plex Media Server: plexapi in a thread, one call at a time, raw XML out."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, override
from xml.etree.ElementTree import Element, ParseError, XMLParser

from plexapi.exceptions import PlexApiException
from plexapi.server import PlexServer as PlexApiServer
from plexapi.utils import parseXMLString
import requests

from ...sync.media_server import (
    AnotherServer,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
)
from ..http import CONFIRM_SECONDS, Answer
from ..plain_text import is_identifier, whole_number
from .http_session import PlexHttpSession, RequestRejected, plex_headers

REQUEST_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 10.0
_PART_BYTES: Final = 64 * 1024

type Params = Mapping[str, str | int]
type XmlAnswer = Answer[Element | None]


def media_container(answer: XmlAnswer) -> Element:
    """Return the `MediaContainer` of an answer; raises BadResponse where there is none or it does not tell its size."""
    if answer.body is None or answer.body.get("size") is None:
        raise BadResponse("The answer is empty")
    return answer.body


class _Client(PlexApiServer):
    """plexapi's server with headers of our own: its module-wide ones may be set by another integration.

    Connecting asks for `/identity`, without the token: another server may answer at this address.
    """

    key = "/identity"

    def __init__(
        self, url: str, token: str, session: PlexHttpSession, device_id: str, timeout: tuple[float, float]
    ) -> None:
        """Ask the server who it is."""
        self.base_url = url
        self.identification = plex_headers(device_id, None)
        super().__init__(url, token, session, timeout)  # type: ignore[no-untyped-call]
        self.identification = plex_headers(device_id, token)

    @property
    def server_id(self) -> str:
        """The machine identifier; empty where the answer holds none."""
        identifier = getattr(self, "machineIdentifier", None)
        return identifier if is_identifier(identifier) else ""

    @override
    def _headers(self, **kwargs: str) -> dict[str, str]:
        """Return the headers of a request, none of them plexapi's."""
        return {**self.identification, **kwargs}

    @override
    def query(
        self,
        key: str,
        method: object = None,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        timeout: object = None,
        **kwargs: object,
    ) -> Element | None:
        """Return the root of an answer, None where it is empty."""
        verb = method if isinstance(method, str) else "GET"
        response = self._session.request(
            verb, self.url(key), headers=self._headers(**headers or {}), params=params, timeout=self._timeout
        )
        return _parsed(response)

    @override
    def url(self, key: str, includeToken: bool | None = None) -> str:
        """Return an address without the token, whatever plexapi's configuration says."""
        return f"{self.base_url}{key}"


class PlexTransport:
    """Requests to one server with one token.

    `server_id` is the machine identifier that has to answer, None for any. A 401 may mean that the server is starting
    or cannot reach plex.tv; so it is raised only if it comes again after `confirm_seconds`. `timeout` bounds each wait
    for the server, in seconds; `now` is epoch milliseconds.

    Who answers is asked before the first request of each connection, and again after each outage: a server that comes
    back may be another.
    """

    def __init__(
        self,
        *,
        url: str,
        token: str,
        device_id: str,
        now: Callable[[], int],
        server_id: str | None = None,
        verify_ssl: bool = True,
        timeout: float = REQUEST_SECONDS,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        """Connect to nothing yet."""
        self._url = url.strip().rstrip("/")
        self._token = token
        self._device_id = device_id
        self._server_id = server_id
        self._now = now
        self._timeout = (min(timeout, _CONNECT_SECONDS), timeout)
        self._confirm_seconds = confirm_seconds
        self._session = PlexHttpSession(verify_ssl=verify_ssl, now=now, total_seconds=3 * timeout)
        self._client: _Client | None = None
        self._doubted = False
        self._kept = False
        self._busy = asyncio.Lock()

    async def read(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None, *, confirm: bool = True
    ) -> XmlAnswer:
        """GET a path that changes nothing; raises MediaServerError. A cancelled caller returns at once.

        `confirm`: ask again before a 401 is raised.
        """
        return await self._confirmed(lambda: self._ask(path, params, headers), writes=False, confirm=confirm)

    async def write(
        self,
        path: str,
        params: Params,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        confirm: bool = True,
    ) -> None:
        """Ask for a path that writes; raises MediaServerError. Once sent, it is awaited even by a cancelled caller."""
        await self._confirmed(lambda: self._ask(path, params, headers, method), writes=True, confirm=confirm)

    async def identity(self) -> tuple[str, str]:
        """Return the machine identifier and the version of the server; no token is sent.

        The version is empty where the server sends none or an unusable one.
        """
        return await self._in_thread(self._identify, writes=False)

    async def confirm_identity(self) -> None:
        """Ask now who answers; raises AnotherServer where it is not the server that is expected."""
        self.doubt()
        await self.identity()

    def doubt(self) -> None:
        """Ask who answers before the next request, as after an outage."""
        self._doubted = True

    async def close(self) -> None:
        """Wait for the running request, and close the connections."""
        async with self._busy:
            self._session.close()
            self._client = None

    async def _confirmed(self, ask: Callable[[], XmlAnswer], *, writes: bool, confirm: bool) -> XmlAnswer:
        """Ask once, or twice where the first answer is a 401."""
        try:
            return await self._in_thread(ask, writes=writes)
        except InvalidAuth:
            if not confirm:
                raise
        self.doubt()
        await asyncio.sleep(self._confirm_seconds)
        return await self._in_thread(ask, writes=writes)

    async def _in_thread[T](self, call: Callable[[], T], *, writes: bool) -> T:
        """Run a call in a thread, one at a time: the next one waits for its end, even if the caller is cancelled."""
        await self._busy.acquire()
        try:
            future = asyncio.get_running_loop().run_in_executor(None, call)
        except RuntimeError:
            self._busy.release()
            raise CannotConnect("This program is ending") from None
        future.add_done_callback(self._ended)
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError as error:
                if not writes:
                    raise
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return future.result()

    def _ended(self, future: asyncio.Future[Any]) -> None:
        """Let the next request have its turn, and take note of an error that nobody may be waiting for any more.

        For example an account that is unloaded while its server is away: the request fails 30 s later.
        """
        self._busy.release()
        if not future.cancelled():
            future.exception()

    def _connected(self) -> _Client:
        """Return the client of the right server."""
        if self._client is None or self._doubted or (self._kept and not self._session.is_connected):
            self._client, self._doubted = None, False
            if not (self._token and self._token.isascii() and self._token.isprintable()):
                raise InvalidAuth("There is no usable token")
            if not self._url:
                raise CannotConnect("There is no address")
            client = _checked(lambda: _Client(self._url, self._token, self._session, self._device_id, self._timeout))
            if not client.server_id:
                raise BadResponse("What answers is no Plex Media Server")
            if self._server_id not in (None, client.server_id):
                raise AnotherServer("Another Plex Media Server answers at this address")
            self._client = client
            # A server that keeps no connection open is not asked before each request.
            self._kept = self._session.is_connected
        return self._client

    def _identify(self) -> tuple[str, str]:
        """Connect, and return machine identifier and version."""
        client = self._connected()
        version = client.version
        return client.server_id, version if is_identifier(version) else ""

    def _ask(
        self, path: str, params: Params | None, headers: Mapping[str, str] | None, method: str = "GET"
    ) -> XmlAnswer:
        """Send one request; runs in a thread."""
        client = self._connected()
        sent_at = self._now()
        try:
            container: Element | None = _checked(lambda: client.query(path, method, headers=headers, params=params))
        except InvalidAuth, NotAllowed, NotFound, RequestRejected:
            raise
        except MediaServerError:
            self._doubted = True
            raise
        if container is not None:
            _check(container)
        return Answer(container, sent_at, self._session.skew_ms, self._session.size)


def _parsed(response: requests.Response) -> Element | None:
    """Return the root of a body, a large one in parts: the parser keeps the interpreter's lock until it returns.

    Between two parts the event loop gets its turn. What XML does not allow is left to plexapi, which removes it.
    """
    body: bytes = response.content
    if len(body) > _PART_BYTES:
        parser = XMLParser()  # noqa: S314  # a body with declarations was refused
        try:
            for start in range(0, len(body), _PART_BYTES):
                parser.feed(body[start : start + _PART_BYTES])
            return parser.close()
        except ParseError:
            pass
    root: Element | None = parseXMLString(response.text)
    return root


def _checked[T](call: Callable[[], T]) -> T:
    """Run a call of plexapi and leave only errors of ours, without its messages, which hold addresses."""
    try:
        return call()
    except PlexApiException, ParseError, TypeError, AttributeError, ValueError, LookupError, RecursionError:
        raise BadResponse("The answer cannot be read") from None


def _check(container: Element) -> None:
    """Refuse web pages that parse, and answers with fewer rows than they say."""
    if container.tag != "MediaContainer":
        raise BadResponse("The answer is no media container")
    size = container.get("size")
    if size is not None and whole_number(size, len(container)) is None:
        raise BadResponse("The answer holds less than it says")
