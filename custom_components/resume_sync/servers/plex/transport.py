"""Requests to one Plex Media Server: plexapi in a thread, one call at a time, raw XML out."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, override
from xml.etree.ElementTree import Element

from plexapi.exceptions import PlexApiException
from plexapi.server import PlexServer as PlexApiServer

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
from ..limits import LIBRARY_SECONDS, ORDINARY, Limits
from ..plain_text import is_identifier, whole_number
from .http_session import PlexHttpSession, RequestRejected, plex_headers

PATIENCE_WITH_WRITES_SECONDS: Final = 5.0
# A thread notices at once that its connection is gone, unless it looks up an address or opens a connection.
_TO_NOTICE_SECONDS: Final = 1.0

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

    def __init__(self, url: str, token: str, session: PlexHttpSession, device_id: str, limits: Limits) -> None:
        """Ask the server who it is."""
        self.base_url = url
        self.identification = plex_headers(device_id, None)
        self.http = session
        self.limits = limits
        super().__init__(url, token, session)  # type: ignore[no-untyped-call]
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
        return self.http.ask(
            verb, self.url(key), headers=self._headers(**headers or {}), params=params, limits=self.limits
        )

    @override
    def url(self, key: str, includeToken: bool | None = None) -> str:
        """Return an address without the token, whatever plexapi's configuration says."""
        return f"{self.base_url}{key}"


class PlexTransport:
    """Requests to one server with one token.

    `server_id` is the machine identifier that has to answer, None for any. A 401 may mean that the server is starting
    or cannot reach plex.tv; so it is raised only if it comes again after `confirm_seconds`. No request takes longer
    than `timeout` seconds, whatever its own limits are; `now` is epoch milliseconds.

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
        timeout: float = LIBRARY_SECONDS,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        """Connect to nothing yet."""
        self._url = url.strip().rstrip("/")
        self._token = token
        self._device_id = device_id
        self._server_id = server_id
        self._now = now
        self._timeout = timeout
        self._confirm_seconds = confirm_seconds
        self._session = PlexHttpSession(verify_ssl=verify_ssl, now=now)
        self._client: _Client | None = None
        self._doubted = False
        self._kept = False
        self._busy = asyncio.Lock()
        self._running: asyncio.Future[Any] | None = None
        self._writes = False

    async def read(
        self,
        path: str,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        limits: Limits = ORDINARY,
        confirm: bool = True,
    ) -> XmlAnswer:
        """GET a path that changes nothing; raises MediaServerError. A cancelled caller returns at once.

        `confirm`: ask again before a 401 is raised.
        """
        return await self._confirmed(
            lambda limits: self._ask(path, limits, params, headers), limits, writes=False, confirm=confirm
        )

    async def write(
        self,
        path: str,
        params: Params,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        confirm: bool = True,
    ) -> None:
        """Ask for a path that writes; raises MediaServerError.

        Once sent, it is awaited even by a cancelled caller, for five seconds more at most.
        """
        await self._confirmed(
            lambda limits: self._ask(path, limits, params, headers, method), ORDINARY, writes=True, confirm=confirm
        )

    async def identity(self) -> tuple[str, str]:
        """Return the machine identifier and the version of the server; no token is sent.

        The version is empty where the server sends none or an unusable one.
        """
        return await self._in_thread(self._identify, ORDINARY, writes=False)

    async def confirm_identity(self) -> None:
        """Ask now who answers; raises AnotherServer where it is not the server that is expected."""
        self.doubt()
        await self.identity()

    def doubt(self) -> None:
        """Ask who answers before the next request, as after an outage."""
        self._doubted = True

    async def close(self) -> None:
        """End the running request, a write only after five seconds, and close the connections."""
        if self._running is not None and self._writes:
            await asyncio.wait([self._running], timeout=PATIENCE_WITH_WRITES_SECONDS)
        if self._running is not None:
            self._session.leash.cut()
            await asyncio.wait([self._running], timeout=_TO_NOTICE_SECONDS)
        self._session.close()
        self._client = None

    async def _confirmed(
        self, ask: Callable[[Limits], XmlAnswer], limits: Limits, *, writes: bool, confirm: bool
    ) -> XmlAnswer:
        """Ask once, or twice where the first answer is a 401."""
        try:
            return await self._in_thread(ask, limits, writes=writes)
        except InvalidAuth:
            if not confirm:
                raise
        self.doubt()
        await asyncio.sleep(self._confirm_seconds)
        return await self._in_thread(ask, limits, writes=writes)

    async def _in_thread[T](self, ask: Callable[[Limits], T], limits: Limits, *, writes: bool) -> T:
        """Run a call in a thread, one at a time: the next one waits for its end, even if the caller is cancelled.

        At its deadline its connection is shut down from here, and so it is once nobody waits for it any more. Where it
        does not end even then (it looks up an address), it is left alone: what it opens later is shut down at once.
        """
        limits = limits.at_most(self._timeout)
        await self._turn()
        self._session.leash.begin()
        try:
            future = self._running = asyncio.get_running_loop().run_in_executor(None, ask, limits)
        except RuntimeError:
            self._busy.release()
            raise CannotConnect("This program is ending") from None
        self._writes = writes
        future.add_done_callback(self._ended)
        return await self._outcome(future, limits.seconds, writes=writes)

    async def _turn(self) -> None:
        """Wait until no other request runs; each has its deadline."""
        try:
            async with asyncio.timeout(LIBRARY_SECONDS):
                await self._busy.acquire()
        except TimeoutError:
            raise CannotConnect("The server has not answered an earlier request") from None

    async def _outcome[T](self, future: asyncio.Future[T], seconds: float, *, writes: bool) -> T:
        """Wait for a running call and return its result, or raise its error; see `_in_thread`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        cancelled: asyncio.CancelledError | None = None
        while not future.done() and loop.time() < end:
            try:
                await asyncio.wait([future], timeout=end - loop.time())
            except asyncio.CancelledError as error:
                if not writes:
                    self._cut(future)
                    raise
                if cancelled is None:
                    end = min(end, loop.time() + PATIENCE_WITH_WRITES_SECONDS)
                cancelled = error
        if not future.done():
            self._cut(future)
            await asyncio.wait([future], timeout=_TO_NOTICE_SECONDS)
        if cancelled is not None:
            raise cancelled
        if not future.done():
            raise CannotConnect("The server did not answer in time")
        return future.result()

    def _cut(self, future: asyncio.Future[Any]) -> None:
        """End a call, unless it has ended and another one runs."""
        if not future.done():
            self._session.leash.cut()

    def _ended(self, future: asyncio.Future[Any]) -> None:
        """Let the next request have its turn, and take note of an error that nobody may be waiting for any more.

        For example an account that is unloaded while its server is away: its request fails when it is ended.
        """
        self._running = None
        self._busy.release()
        if not future.cancelled():
            future.exception()

    def _connected(self, limits: Limits) -> _Client:
        """Return the client of the right server."""
        if self._client is None or self._doubted or (self._kept and not self._session.is_connected):
            self._client, self._doubted = None, False
            if not (self._token and self._token.isascii() and self._token.isprintable()):
                raise InvalidAuth("There is no usable token")
            if not self._url:
                raise CannotConnect("There is no address")
            client = _checked(lambda: _Client(self._url, self._token, self._session, self._device_id, limits))
            if not client.server_id:
                raise BadResponse("What answers is no Plex Media Server")
            if self._server_id not in (None, client.server_id):
                raise AnotherServer("Another Plex Media Server answers at this address")
            self._client = client
            # A server that keeps no connection open is not asked before each request.
            self._kept = self._session.is_connected
        self._client.limits = limits
        return self._client

    def _identify(self, limits: Limits) -> tuple[str, str]:
        """Connect, and return machine identifier and version."""
        client = self._connected(limits)
        version = client.version
        return client.server_id, version if is_identifier(version) else ""

    def _ask(
        self,
        path: str,
        limits: Limits,
        params: Params | None,
        headers: Mapping[str, str] | None,
        method: str = "GET",
    ) -> XmlAnswer:
        """Send one request; runs in a thread."""
        client = self._connected(limits)
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
        return Answer(container, sent_at, self._session.skew_ms, self._session.kept)


def _checked[T](call: Callable[[], T]) -> T:
    """Run a call of plexapi and leave only errors of ours, without its messages, which hold addresses."""
    try:
        return call()
    except PlexApiException, TypeError, AttributeError, ValueError, LookupError:
        raise BadResponse("The answer cannot be read") from None


def _check(container: Element) -> None:
    """Refuse web pages that parse, and answers with fewer rows than they say."""
    if container.tag != "MediaContainer":
        raise BadResponse("The answer is no media container")
    size = container.get("size")
    if size is not None and whole_number(size, len(container)) is None:
        raise BadResponse("The answer holds less than it says")
