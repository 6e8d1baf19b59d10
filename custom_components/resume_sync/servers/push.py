"""One WebSocket of a media server: bounded, never redirected, and always ended by a `MediaServerError`."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from ..sync.media_server import BadResponse, CannotConnect, MediaServerError, NotFound, PushEvent, PushKind, Redirected
from ..sync.model import SessionRead
from .http import decoded, raise_for_status
from .push_inbox import PushInbox, Reads

# Jellyfin tells of each session with its whole queue, as full rows (10.9 to 10.11).
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
CONNECT_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 0.5

type Message = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to connect. `url` is http or https; `url` and `headers` may hold the token.

    `connector` returns the pool that opens the connection; `owned`: the pool is for this WebSocket alone, and closed
    with it. The server is pinged every `heartbeat_seconds` and has half of that time to answer.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    connector: Callable[[], aiohttp.BaseConnector | None]
    owned: bool
    heartbeat_seconds: float
    timeout_seconds: float = CONNECT_SECONDS


class Conversation(ABC):
    """One kind of server's protocol on one connection: what to send, and which events its messages become.

    `greetings` are sent first, `keep_alive` every `interval_seconds`. After `silence_seconds` without any message the
    connection is given up. `sessions` are those that were told last; None: they cannot be read.
    """

    greetings: tuple[str, ...] = ()
    keep_alive: str | None = None
    interval_seconds = 60.0
    silence_seconds = 6 * 3600.0

    def __init__(self, inbox: PushInbox) -> None:
        """Know no sessions yet; events go to `inbox`."""
        self.inbox = inbox
        self.reads = Reads(self.read)
        self.hurry = asyncio.Event()
        self.heard_at = 0.0
        self.sessions: SessionRead | None = None

    @abstractmethod
    def take(self, message: Message) -> None:
        """Put the events of a message into the inbox; a message that cannot be understood is dropped."""

    @abstractmethod
    async def read(self) -> None:
        """Read the sessions from the server; the first read comes before any event. Errors end the connection."""

    @abstractmethod
    async def refusal(self, error: MediaServerError) -> MediaServerError:
        """Return the error to raise for a connection that the server refused with `error`."""


async def listen(
    endpoint: Endpoint, converse: Callable[[PushInbox], Conversation], now: Callable[[], int]
) -> AsyncGenerator[PushEvent]:
    """Connect and yield events; the end of the connection raises a MediaServerError. `now` is epoch milliseconds."""
    inbox = PushInbox(now)
    conversation = converse(inbox)
    async with _session(endpoint) as session:
        try:
            socket = await _open(session, endpoint, now)
        except MediaServerError as err:
            raise await conversation.refusal(err) from None
        tasks: list[asyncio.Task[None]] = []

        def start(work: Coroutine[None, None, None]) -> None:
            """Let something run as long as the connection."""
            task = asyncio.create_task(work)
            task.add_done_callback(lambda ended: _ended(ended, inbox))
            tasks.append(task)

        try:
            for greeting in conversation.greetings:
                await _send(socket, greeting)
            start(_hear(socket, conversation))
            await conversation.reads.now()
            start(_stay(socket, conversation))
            start(conversation.reads.run())
            yield PushEvent(PushKind.CONNECTED, now(), sessions=conversation.sessions)
            while True:
                yield await inbox.take()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()


def _session(endpoint: Endpoint) -> aiohttp.ClientSession:
    """Return a session for one WebSocket; raises CannotConnect where there is nothing to connect with any more."""
    connector = endpoint.connector()
    if connector is None or connector.closed:
        raise CannotConnect("The connection was closed here")
    return aiohttp.ClientSession(
        connector=connector,
        connector_owner=endpoint.owned,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_refuse_redirects,),
    )


async def _refuse_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Raise Redirected for a redirect, which would carry the token elsewhere."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise Redirected(response.headers.get("Location", ""))
    return response


async def _open(
    session: aiohttp.ClientSession, endpoint: Endpoint, now: Callable[[], int]
) -> aiohttp.ClientWebSocketResponse:
    """Return the open WebSocket; raises MediaServerError without its cause, whose message holds the address."""
    try:
        async with asyncio.timeout(min(CONNECT_SECONDS, endpoint.timeout_seconds)):
            return await session.ws_connect(
                endpoint.url,
                headers=endpoint.headers,
                heartbeat=min(endpoint.heartbeat_seconds, endpoint.timeout_seconds),
                max_msg_size=MAX_MESSAGE_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
            )
    except aiohttp.WSServerHandshakeError as err:
        status, headers = err.status, err.headers
    except TimeoutError:
        raise CannotConnect("The server did not answer in time") from None
    except (aiohttp.ClientError, OSError) as err:
        raise CannotConnect(f"The server could not be reached ({type(err).__name__})") from None
    except ValueError as err:
        raise CannotConnect(f"No request could be sent to this address ({type(err).__name__})") from None
    if status >= 400:
        with suppress(NotFound):
            raise_for_status(status, headers or {}, now())
    raise BadResponse("The server opens no WebSocket here")


def _ended(task: asyncio.Task[None], inbox: PushInbox) -> None:
    """End the connection with the error of a task that ended by itself."""
    if not task.cancelled():
        inbox.fail(task.exception() or CannotConnect("The connection ended"))


async def _hear(socket: aiohttp.ClientWebSocketResponse, conversation: Conversation) -> None:
    """Take messages until the connection ends; raises CannotConnect."""
    while True:
        received = await socket.receive()
        conversation.heard_at = asyncio.get_running_loop().time()
        if received.type is aiohttp.WSMsgType.TEXT:
            await _take(received.data, conversation)
        elif received.type is aiohttp.WSMsgType.BINARY:
            conversation.inbox.drop("a binary message")
        elif received.type is aiohttp.WSMsgType.ERROR:
            raise CannotConnect("The connection broke, or a message was too large")
        else:
            raise CannotConnect("The server closed the connection")


async def _take(text: str, conversation: Conversation) -> None:
    """Hand on a message that is a JSON object."""
    try:
        message = await decoded(text)
    except ValueError, RecursionError:
        message = None
    if isinstance(message, dict):
        conversation.take(message)
    else:
        conversation.inbox.drop("a message that is no JSON object")


async def _stay(socket: aiohttp.ClientWebSocketResponse, conversation: Conversation) -> None:
    """Send `keep_alive` in time; raises CannotConnect after too long a silence of the server."""
    loop = asyncio.get_running_loop()
    conversation.heard_at = loop.time()
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(conversation.interval_seconds):
                await conversation.hurry.wait()
        conversation.hurry.clear()
        if loop.time() - conversation.heard_at > conversation.silence_seconds:
            raise CannotConnect("The server has not said anything for too long")
        if conversation.keep_alive is not None:
            await _send(socket, conversation.keep_alive)


async def _send(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    """Send a message; raises CannotConnect."""
    try:
        await socket.send_str(text)
    except (aiohttp.ClientError, OSError) as err:
        raise CannotConnect(f"The connection broke ({type(err).__name__})") from None
