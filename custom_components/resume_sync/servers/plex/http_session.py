"""The HTTP session under plexapi: no redirects, and a limit on time and size.

It raises errors of ours, so that plexapi never makes its own, whose messages hold addresses.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
import re
import time
from typing import Any, Final, override

import requests
import urllib3

from ...sync.media_server import BadResponse, CannotConnect
from ..http import REFUSAL_BYTES, clock_skew_ms, raise_for_status, refusal
from ..plain_text import whole_number

PRODUCT: Final = "Resume Sync"
MAX_BODY: Final = 32 * 1024 * 1024
_CHUNK: Final = 64 * 1024

# Whatever opens with "<!" and is neither a comment nor plain text.
_DECLARATION: Final = re.compile(r"<[^\x20-\x7e]*!(?!--|\[CDATA\[)")


class RequestRejected(BadResponse):
    """Status 400 or 405: the server does not take a field, a filter, a sort or the verb of the request."""


def plex_headers(device_id: str, token: str | None = None) -> dict[str, str]:
    """Return the headers that identify this installation to Plex Media Servers and plex.tv."""
    headers = {
        "X-Plex-Client-Identifier": device_id,
        "X-Plex-Product": PRODUCT,
        "X-Plex-Version": "1.0",
        "X-Plex-Platform": "Home Assistant",
        "X-Plex-Device": "Home Assistant",
        "X-Plex-Device-Name": PRODUCT,
    }
    return headers if token is None else {**headers, "X-Plex-Token": token}


class PlexHttpSession(requests.Session):
    """A session with limits. `size` and `skew_ms` are the bytes and the clock skew of the last answer.

    `verify_ssl` False: any certificate is accepted without a warning, in this session alone. `total_seconds` bounds a
    whole request; `now` is epoch milliseconds.
    """

    def __init__(self, *, verify_ssl: bool, now: Callable[[], int], total_seconds: float = 90) -> None:
        """Ignore proxies, certificates and netrc of the environment: they would override the user's choices."""
        super().__init__()
        self.trust_env = False
        self.verify = verify_ssl
        self.skew_ms = 0
        self.size = 0
        self._now = now
        self._total_seconds = total_seconds
        if not verify_ssl:
            self.mount("https://", _UnverifiedAdapter())

    @property
    def is_connected(self) -> bool:
        """Whether the connection of the last request is still open, with the same server at its other end."""
        pools = (pool for adapter in self.adapters.values() for pool in _pools(adapter))
        return any(connection is not None and connection.is_connected for pool in pools for connection in pool)

    @override
    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Return a complete answer with status 200, 201 or 204; raises MediaServerError for every other."""
        deadline = time.monotonic() + self._total_seconds
        sent_at = self._now()
        kwargs |= {"allow_redirects": False, "stream": True}
        try:
            with super().request(method, url, *args, **kwargs) as response:
                self.skew_ms = clock_skew_ms(response.headers.get("Date"), sent_at, self._now())
                if response.status_code == 401:
                    raise refusal(response.headers, next(response.iter_content(REFUSAL_BYTES), b""))
                if response.status_code not in (200, 201, 204):
                    _finish(response)
                    self._raise_for_status(response)
                body = _read(response, deadline)
        except requests.exceptions.SSLError:
            raise CannotConnect("No secure connection to the server") from None
        except requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError:
            raise BadResponse("The answer was cut off") from None
        except requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError:
            raise CannotConnect("The server could not be reached") from None
        _refuse_declarations(body)
        self.size = len(body)
        response._content = body  # noqa: SLF001  # the body was read here, within limits
        response.encoding = "utf-8"
        return response

    @override
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Let no redirect be looked into: requests does so even where it follows none, and fails on odd addresses."""

    def _raise_for_status(self, response: requests.Response) -> None:
        """Raise the error that a status stands for; but for a 401, Plex's pages tell no more."""
        if response.status_code in (400, 405):
            raise RequestRejected("The server does not take this request")
        raise_for_status(response.status_code, response.headers, self._now())


class _UnverifiedConnection(urllib3.connection.HTTPSConnection):
    """A connection whose certificate is not looked at. urllib3 warns of each that says so of itself; this does not."""

    @override
    def connect(self) -> None:
        super().connect()
        self.is_verified = True


class _UnverifiedPool(urllib3.HTTPSConnectionPool):
    """Connections without verification."""

    ConnectionCls = _UnverifiedConnection


class _UnverifiedAdapter(requests.adapters.HTTPAdapter):
    """Takes any certificate without a warning, which otherwise only a switch for the whole process turns off."""

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": urllib3.HTTPConnectionPool, "https": _UnverifiedPool}


def _refuse_declarations(body: bytes) -> None:
    """Raise BadResponse for a body that declares anything: entities could expand without end.

    A parser that drops signs that XML does not have would see a declaration that they had split.
    """
    if b"!" in body and _DECLARATION.search(body.decode("utf-8", "replace")):
        raise BadResponse("The answer holds declarations")


def _pools(adapter: requests.adapters.BaseAdapter) -> Iterator[tuple[Any, ...]]:
    """Yield the connections that an adapter keeps, for each address."""
    pools = adapter.poolmanager.pools if isinstance(adapter, requests.adapters.HTTPAdapter) else {}
    for key in pools.keys():  # noqa: SIM118  # it cannot be iterated
        kept = pools[key].pool
        if kept is not None:
            yield tuple(kept.queue)


def _finish(response: requests.Response) -> None:
    """Read the page that comes with an error, a small one: with something unread, the connection could not be kept."""
    if whole_number(response.headers.get("Content-Length", ""), _CHUNK) is not None:
        with suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            next(response.iter_content(_CHUNK), b"")


def _read(response: requests.Response, deadline: float) -> bytes:
    """Return the body; raises BadResponse when it has no end, CannotConnect when it takes too long."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BODY:
            raise BadResponse("The answer is too large")
        if time.monotonic() > deadline:
            raise CannotConnect("The answer took too long")
    return bytes(body)
