"""The HTTP under plexapi: a `requests` session that never redirects and never waits or reads without end.

Its errors are ours, so that plexapi's own messages, which hold addresses, are never made.
"""

from collections.abc import Callable
import time
from typing import Any, Final, override

import requests
import urllib3

from ..sync.media_server import BadResponse, CannotConnect
from .http import clock_skew_ms, raise_for_status

PRODUCT: Final = "Resume Sync"
MAX_BODY: Final = 32 * 1024 * 1024
_CHUNK: Final = 64 * 1024


class RequestRejected(BadResponse):
    """The server does not take the request as it was put (400): an unknown field or sort."""


def plex_headers(device_id: str, token: str | None = None) -> dict[str, str]:
    """Return the headers that identify this installation to Plex Media Servers and plex.tv, on every request."""
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
    """A session whose `skew_ms` is the server's clock minus this machine's, as the last answer told it."""

    def __init__(self, *, verify_ssl: bool, now: Callable[[], int], total_seconds: float = 90) -> None:
        """Leave the environment's proxies, certificates and netrc out: they override what the user chose."""
        super().__init__()
        self.trust_env = False
        self.verify = verify_ssl
        self.skew_ms = 0
        self._now = now
        self._total_seconds = total_seconds
        if not verify_ssl:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    @override
    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Return a whole answer with a status of success; raises MediaServerError."""
        deadline = time.monotonic() + self._total_seconds
        sent_at = self._now()
        kwargs |= {"allow_redirects": False, "stream": True}
        try:
            with super().request(method, url, *args, **kwargs) as response:
                self.skew_ms = clock_skew_ms(response.headers.get("Date"), sent_at, self._now())
                self._check_status(response)
                body = _read(response, deadline)
        except requests.exceptions.SSLError:
            raise CannotConnect("No secure connection to the server") from None
        except requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError:
            raise BadResponse("The answer was cut off") from None
        except requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError:
            raise CannotConnect("The server could not be reached") from None
        response._content = body  # noqa: SLF001  # the body was read here, within limits
        response.encoding = "utf-8"
        return response

    def _check_status(self, response: requests.Response) -> None:
        """Raise what a status that is no success stands for; Plex sends web pages with errors, they tell no more."""
        if response.status_code == 400:
            raise RequestRejected("The server does not take this request")
        if response.status_code not in (200, 201, 204):
            raise_for_status(response.status_code, response.headers, self._now())


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
