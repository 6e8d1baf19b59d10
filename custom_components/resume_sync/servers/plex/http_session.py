"""The HTTP session under plexapi: within limits, never redirected, and to be ended from outside.

It raises errors of ours, so that plexapi never makes its own, whose messages hold addresses.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, override
from xml.etree.ElementTree import Element

import requests
import urllib3

from ...sync.media_server import BadCertificate, BadResponse, CannotConnect
from ..http import CONNECT_TIMEOUT_SECONDS, REFUSAL_BYTES, clock_skew_ms, raise_for_status, refusal
from ..limits import Limits
from ..plain_text import whole_number
from ..unpacking import ACCEPT_ENCODING, PIECE, Unpacking
from .leash import Leash, LeashedAdapter
from .xml_reader import XmlReader

PRODUCT: Final = "Resume Sync"
_NOT_TRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


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


class _UnredirectedSession(requests.Session):
    """A session that looks into no redirect."""

    @override
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Let no redirect be looked into: requests does so even where it follows none, and fails on odd addresses."""


class PlexHttpSession:
    """A session with limits. `kept` and `skew_ms` are the memory and the clock skew of the last answer.

    It has nothing by which plexapi could send a request that it makes up itself. Requests run in a thread, one at a
    time; `leash` ends the one that runs. `verify_ssl` False: any certificate is accepted without a warning, in this
    session alone. `now` is epoch milliseconds.
    """

    def __init__(self, *, verify_ssl: bool, now: Callable[[], int]) -> None:
        """Ignore proxies, certificates and netrc of the environment: they would override the user's choices."""
        self.leash = Leash()
        self.skew_ms = 0
        self.kept = 0
        self._now = now
        self._session = _UnredirectedSession()
        self._session.trust_env = False
        self._session.verify = verify_ssl
        self._session.headers["Accept-Encoding"] = ACCEPT_ENCODING
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, LeashedAdapter(self.leash, verify_ssl=verify_ssl))

    @property
    def is_connected(self) -> bool:
        """Whether the connection of the last request is still open, with the same server at its other end."""
        pools = (pool for adapter in self._session.adapters.values() for pool in _pools(adapter))
        return any(connection is not None and connection.is_connected for pool in pools for connection in pool)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str | int] | None,
        limits: Limits,
    ) -> Element | None:
        """Return the root of an answer with status 200, 201 or 204, None where it is empty; else raise an error."""
        try:
            return self._answer(method, url, limits, headers=headers, params=params)
        except requests.exceptions.SSLError as err:
            if _NOT_TRUSTED in str(err):
                raise BadCertificate("The certificate of the server is not trusted") from None
            raise CannotConnect("No secure connection to the server") from None
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
            urllib3.exceptions.ProtocolError,
        ):
            raise BadResponse("The answer was cut off") from None
        except requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError:
            raise CannotConnect("The server could not be reached") from None
        finally:
            # Whatever the thread made of it: an answer that ends where it was cut may even look whole.
            if self.leash.is_cut:
                raise CannotConnect("The server did not answer in time") from None

    def _answer(self, method: str, url: str, limits: Limits, **what: Any) -> Element | None:
        """Send a request and read its answer."""
        sent_at = self._now()
        with self._session.request(
            method,
            url,
            timeout=(min(CONNECT_TIMEOUT_SECONDS, limits.seconds), limits.seconds),
            allow_redirects=False,
            stream=True,
            **what,
        ) as response:
            self.skew_ms = clock_skew_ms(response.headers.get("Date"), sent_at, self._now())
            if response.status_code == 401:
                raise refusal(response.headers, next(response.iter_content(REFUSAL_BYTES), b""))
            if response.status_code not in (200, 201, 204):
                _finish(response)
                self._raise_for_status(response)
            return self._read(response, limits)

    def _read(self, response: requests.Response, limits: Limits) -> Element | None:
        """Read a body while it comes: between two parts of it the event loop gets its turn."""
        unpacking = Unpacking(response.headers.get("Content-Encoding", ""), limits)
        reader = XmlReader(limits)
        for data in response.raw.stream(PIECE, decode_content=False):
            for piece in unpacking.pieces(data):
                reader.feed(piece)
        unpacking.close()
        root = reader.close()
        self.kept = reader.kept
        return root

    def _raise_for_status(self, response: requests.Response) -> None:
        """Raise the error that a status stands for; but for a 401, Plex's pages tell no more."""
        if response.status_code in (400, 405):
            raise RequestRejected("The server does not take this request")
        raise_for_status(response.status_code, response.headers, self._now())


def _pools(adapter: requests.adapters.BaseAdapter) -> Iterator[tuple[Any, ...]]:
    """Yield the connections that an adapter keeps, for each address."""
    pools = adapter.poolmanager.pools if isinstance(adapter, requests.adapters.HTTPAdapter) else {}
    for key in pools.keys():  # noqa: SIM118  # it cannot be iterated
        kept = pools[key].pool
        if kept is not None:
            yield tuple(kept.queue)


def _finish(response: requests.Response) -> None:
    """Read the page that comes with an error, a small one: with something unread, the connection could not be kept."""
    if whole_number(response.headers.get("Content-Length", ""), PIECE) is not None:
        with suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            next(response.iter_content(PIECE), b"")
