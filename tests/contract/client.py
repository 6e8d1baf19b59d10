"""Requests as facts make them: every answer comes back, whatever its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
import json
from typing import Any

import aiohttp

from .fact import Differs

type Query = Mapping[str, str | int | float]

SECONDS = aiohttp.ClientTimeout(total=120)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON; raises ValueError."""
        return json.loads(self.text)

    @property
    def time(self) -> float:
        """What the server's clock said, in epoch seconds."""
        return parsedate_to_datetime(self.headers["Date"]).timestamp()


class Client:
    """One who asks, always with the same headers."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> None:
        """Ask the server at an address."""
        self.http = http
        self.url = url.rstrip("/")
        self.headers = headers

    async def ask(self, method: str, path: str, query: Query | None = None, body: object = None) -> Answer:
        """Send one request."""
        async with self.http.request(
            method,
            self.url + path,
            params=query,
            json=body,
            headers=self.headers,
            allow_redirects=False,
            timeout=SECONDS,
        ) as response:
            return Answer(response.status, await response.text(errors="replace"), dict(response.headers))

    async def get(self, path: str, query: Query | None = None) -> Any:
        """Return the JSON of what has to be there; raises Differs."""
        answer = await self.ask("GET", path, query)
        if answer.status != 200:
            raise Differs(f"GET {path}: status {answer.status} {answer.text[:80]}")
        return answer.json

    async def done(self, method: str, path: str, query: Query | None = None, body: object = None) -> Answer:
        """Return the answer to what has to work; raises Differs."""
        answer = await self.ask(method, path, query, body)
        if not 200 <= answer.status < 300:
            raise Differs(f"{method} {path}: status {answer.status} {answer.text[:80]}")
        return answer
