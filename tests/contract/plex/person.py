"""Somebody with a token on a Plex Media Server, and what they ask and report."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, fromstring

from tests.contract.client import Answer, Client, Query
from tests.contract.fact import Differs

ALL = "/library/all"
FILMS, SHOWS, EPISODES = 1, 2, 4
LIBRARY = "com.plexapp.plugins.library"
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Title:
    """A film or an episode."""

    key: str
    duration_ms: int
    guid: str

    @property
    def path(self) -> str:
        """The address of its details."""
        return f"/library/metadata/{self.key}"

    def at(self, share: float) -> int:
        """Return a position in it, in whole seconds."""
        return int(self.duration_ms * share) // 1000 * 1000


def read(answer: Answer) -> Element:
    """Return the root of an answer; raises Differs where it is no answer of a Plex server."""
    root = fromstring(answer.text)  # noqa: S314 - nobody else is asked than the server that was named
    if root.tag != "MediaContainer" or root.get("size") is None:
        raise Differs(f"a root {root.tag} with {sorted(root.attrib)}")
    return root


def number(row: Element, name: str) -> int:
    """Return an attribute that is a number, 0 where it is absent."""
    return int(row.get(name) or 0)


def child(row: Element, tag: str) -> Element:
    """Return what has to stand in a row; raises Differs."""
    found = row.find(tag)
    if found is None:
        raise Differs(f"no {tag} in a row")
    return found


class Person:
    """One who asks with a token, in XML as the clients do. `touched` collects the titles of which they reported."""

    def __init__(self, client: Client, touched: dict[tuple[Person, Title], None]) -> None:
        """Report nothing yet."""
        self.client = client
        self._touched = touched

    async def ask(
        self, method: str, path: str, query: Query | None = None, *, headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """Send one request; `headers` are added, None takes one away."""
        sent = {name: value for name, value in {**self.client.headers, **(headers or {})}.items() if value is not None}
        return await Client(self.client.http, self.client.url, sent).ask(method, path, query)

    async def root(
        self, path: str, query: Query | None = None, *, headers: Mapping[str, str | None] | None = None
    ) -> Element:
        """Return the root of what has to be there; raises Differs."""
        answer = await self.ask("GET", path, query, headers=headers)
        if answer.status != 200:
            raise Differs(f"GET {path}: status {answer.status}")
        return read(answer)

    async def rows(self, kind: int, path: str = ALL, query: Query | None = None) -> list[Element]:
        """Return the rows of a whole listing of films, shows or episodes."""
        rows: list[Element] = []
        while True:
            page = await self.page(len(rows), 500, path, {"type": kind, **(query or {})})
            rows += page
            if len(page) < 500:
                return rows

    async def page(self, start: int, size: int, path: str, query: Query | None = None) -> Element:
        """Return one page of a listing."""
        headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(size)}
        return await self.root(path, query, headers=headers)

    async def keys(self, kind: int, path: str = ALL, query: Query | None = None) -> list[str]:
        """Return the rating keys of a listing that a media query asks for."""
        return [row.get("ratingKey", "") for row in await self.page(0, 500, path, {"type": kind, **(query or {})})]

    async def in_progress(self, kind: int, path: str = ALL) -> dict[str, Element]:
        """Return what has a position, by rating key."""
        root = await self.page(0, 1000, path, {"type": kind, "viewOffset>>": 0})
        return {row.get("ratingKey", ""): row for row in root}

    async def row(self, title: Title) -> Element:
        """Return a title's details."""
        (row,) = await self.root(title.path, {"includeGuids": 1})
        return row

    async def position(self, title: Title) -> int:
        """Return where a title stands."""
        return number(await self.row(title), "viewOffset")

    async def state(self, title: Title) -> tuple[int, int]:
        """Return position and count of a title."""
        row = await self.row(title)
        return number(row, "viewOffset"), number(row, "viewCount")

    async def report(
        self,
        title: Title,
        time_ms: int,
        state: str = "stopped",
        *,
        method: str = "POST",
        session: str = "one",
        headers: Mapping[str, str | None] | None = None,
        **query: str | int,
    ) -> Answer:
        """Send a report of playback, as a client that plays."""
        self._touched[self, title] = None
        told: Query = {
            "ratingKey": title.key,
            "key": title.path,
            "identifier": LIBRARY,
            "state": state,
            "time": time_ms,
            "duration": title.duration_ms,
            **query,
        }
        sent = {"X-Plex-Session-Identifier": f"{title.key}-{session}", **(headers or {})}
        return await self.ask(method, "/:/timeline", told, headers=sent)

    async def progress(self, title: Title, time_ms: int, *, method: str = "GET") -> Answer:
        """Send a position alone."""
        self._touched[self, title] = None
        told: Query = {"key": title.key, "identifier": LIBRARY, "time": time_ms, "state": "stopped"}
        return await self.ask(method, "/:/progress", told)

    async def scrobble(self, title: Title, *, method: str = "PUT") -> Answer:
        """Mark as watched."""
        self._touched[self, title] = None
        return await self.ask(method, "/:/scrobble", {"key": title.key, "identifier": LIBRARY})

    async def unscrobble(self, title: Title, *, method: str = "PUT") -> Answer:
        """Mark as unwatched."""
        return await self.ask(method, "/:/unscrobble", {"key": title.key, "identifier": LIBRARY})
