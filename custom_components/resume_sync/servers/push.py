"""One WebSocket of a media server: bounded, never redirected, and always ended by a `MediaServerError`."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal

import aiohttp

from ..sync.media_server import (
    BadResponse,
    CannotConnect,
    MediaServerError,
    NotFound,
    PushedTooMuch,
    PushEvent,
    PushKind,
    Redirected,
)
from ..sync.model import SessionRead
from .http import decoded, raise_for_status
from .limits import MIB, Limits, TooLarge
from .push_flow import PushFlow
from .push_inbox import PushInbox, Reads

# Jellyfin tells of each session with its whole queue, as full rows (10.9 to 10.11).
MAX_MESSAGE_BYTES: Final = 8 * MIB
MOST_IN_A_MESSAGE: Final = 1000
CONNECT_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 0.5
_MESSAGES_IN_A_TURN: Final = 16

type Message = Mapping[str, object]
type Socket = aiohttp.ClientWebSocketResponse[Literal[False]]

_FROM_THE_SERVER: Final = (
    aiohttp.WSMsgType.TEXT,
    aiohttp.WSMsgType.BINARY,
    aiohttp.WSMsgType.PING,
    aiohttp.WSMsgType.PONG,
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to connect. `url` is http or https; `url` and `headers` may hold the token.

    `connector` returns the pool that opens the connection; `owned`: the pool is for this WebSocket alone, and closed
    with it. The server is pinged every `heartbeat_seconds` and has half of that time to answer with a whole
    message: part of one does not count.
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
    connection is given up. `parts` are what is read inside the rows of a message, None: everything. `sessions` are
    those that were told last; None: they cannot be read.
    """

    parts: frozenset[str] | None = None
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
        self.lives = asyncio.Event()
        self.sessions: SessionRead | None = None

    def look_at_all(self) -> None:
        """Take note of a message that is too large to be read: it may be about anything."""
        self.inbox.drop("a message that is too large")
        self.inbox.put(PushKind.MARKED)
        self.inbox.put(PushKind.LIBRARY_CHANGED)

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
                await _sent(socket.send_str(greeting))
            start(_hear(socket, conversation))
            start(_ping(socket, conversation, min(endpoint.heartbeat_seconds, endpoint.timeout_seconds)))
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


async def _open(session: aiohttp.ClientSession, endpoint: Endpoint, now: Callable[[], int]) -> Socket:
    """Return the open WebSocket; raises MediaServerError without its cause, whose message holds the address."""
    try:
        async with asyncio.timeout(min(CONNECT_SECONDS, endpoint.timeout_seconds)):
            return await session.ws_connect(
                endpoint.url,
                headers=endpoint.headers,
                autoping=False,
                decode_text=False,
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


async def _hear(socket: Socket, conversation: Conversation) -> None:
    """Take messages until the connection ends; raises CannotConnect, or PushedTooMuch."""
    try:
        await _take_all(socket, conversation)
    except PushedTooMuch:
        # Without this, all that still comes would be read until the server has closed its end, which it may never do.
        socket._response.close()  # noqa: SLF001  # nothing public closes at once
        raise


async def _take_all(socket: Socket, conversation: Conversation) -> None:
    """Take messages until the connection ends; raises CannotConnect, or PushedTooMuch."""
    loop = asyncio.get_running_loop()
    flow = PushFlow(loop.time)
    limits = Limits(size=MAX_MESSAGE_BYTES, rows=MOST_IN_A_MESSAGE, parts=conversation.parts)
    for number in count():
        # What has come already is taken without waiting: others get their turn now and then.
        if number % _MESSAGES_IN_A_TURN == 0:
            await asyncio.sleep(0)
        received = await socket.receive()
        if received.type is aiohttp.WSMsgType.ERROR:
            raise _broken(received.data)
        if received.type not in _FROM_THE_SERVER:
            raise CannotConnect("The server closed the connection")
        conversation.lives.set()
        flow.came(len(received.data))
        if received.type is aiohttp.WSMsgType.PING:
            await _sent(socket.pong(received.data))
        elif received.type is not aiohttp.WSMsgType.PONG:
            conversation.heard_at = loop.time()
            is_text = received.type is aiohttp.WSMsgType.TEXT
            await _take(received.data if is_text else b"", conversation, limits)


def _broken(error: object) -> MediaServerError:
    """Return why a connection broke."""
    if isinstance(error, aiohttp.WebSocketError) and error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return PushedTooMuch("The server pushed a message that is too large")
    return CannotConnect("The connection broke")


async def _take(text: bytes, conversation: Conversation, limits: Limits) -> None:
    """Hand on a message that is a JSON object."""
    message: object = None
    try:
        message = await decoded(text, limits)
    except TooLarge:
        conversation.look_at_all()
        return
    except BadResponse:
        pass
    if isinstance(message, dict):
        conversation.take(message)
    else:
        conversation.inbox.drop("a message that is no JSON object")


async def _ping(socket: Socket, conversation: Conversation, seconds: float) -> None:
    """Ask now and then whether the server is still there; raises CannotConnect where no whole message comes then."""
    while True:
        await asyncio.sleep(seconds)
        conversation.lives.clear()
        await _sent(socket.ping())
        try:
            async with asyncio.timeout(seconds / 2):
                await conversation.lives.wait()
        except TimeoutError:
            raise CannotConnect("The server does not answer any more") from None


async def _stay(socket: Socket, conversation: Conversation) -> None:
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
            await _sent(socket.send_str(conversation.keep_alive))


async def _sent(sending: Awaitable[None]) -> None:
    """Wait until something is sent; raises CannotConnect."""
    try:
        await sending
    except (aiohttp.ClientError, OSError) as err:
        raise CannotConnect(f"The connection broke ({type(err).__name__})") from None
