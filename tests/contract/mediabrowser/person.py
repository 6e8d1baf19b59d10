"""A user of a server: what they see, what they write by hand or with a tool, and their players."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.contract.client import Answer, Client, Query
from tests.contract.fact import Differs

from .paths import Paths

TICKS = 10_000_000
"""A second, in the unit that both servers count in."""

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Title:
    """An item of the library. `ticks` is how long it is."""

    item_id: str
    name: str
    ticks: int

    def at(self, share: float) -> int:
        """Return a place in it, in whole seconds, as ticks."""
        return int(self.ticks * share) // TICKS * TICKS


def moment(text: str) -> float:
    """Return a date in epoch seconds; both servers write up to seven digits of a second, always UTC."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def iso(at: float) -> str:
    """Return a time as the clients write it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


class Person:
    """A user who is signed in; asks as the clients do."""

    def __init__(
        self, client: Client, paths: Paths, *, name: str, password: str, user_id: str, token: str, device_id: str
    ) -> None:
        """Be this user, on this device."""
        self.client = client
        self.paths = paths
        self.name = name
        self.password = password
        self.user_id = user_id
        self.token = token
        self.device_id = device_id

    def to(self, template: str, item_id: str = "") -> tuple[str, dict[str, str | int | float]]:
        """Return address and query of something that is about this user."""
        path = template.format(user=self.user_id, item=item_id)
        return path, {"userId": self.user_id} if self.paths.user_query else {}

    async def ask(
        self, method: str, template: str, item_id: str = "", query: Query | None = None, body: object = None
    ) -> Answer:
        """Send one request about this user."""
        path, user = self.to(template, item_id)
        return await self.client.ask(method, path, {**user, **(query or {})}, body)

    async def rows(self, template: str, query: Query | None = None) -> list[Any]:
        """Return the rows of a list; raises Differs."""
        return list((await self.page(template, query))["Items"])

    async def page(self, template: str, query: Query | None = None) -> Any:
        """Return a list with what is told around its rows; raises Differs."""
        answer = await self.ask("GET", template, "", query)
        if answer.status != 200:
            raise Differs(f"GET {template}: status {answer.status} {answer.text[:80]}")
        return answer.json

    async def items(self, **query: str | float) -> list[Any]:
        """Return what a list of the whole library has, with what the clients ask for in each row."""
        return await self.rows(self.paths.items, {"Recursive": "true", "Fields": self.paths.fields, **query})

    async def by_ids(self, *item_ids: str) -> list[Any]:
        """Return the rows of a batch."""
        return await self.rows(self.paths.items, {"Ids": ",".join(item_ids), "Fields": self.paths.fields})

    async def shelf(self, **query: str | float) -> list[str]:
        """Return the ids of what is in progress, as the clients' list of it tells."""
        asked: dict[str, str | float] = {"Filters": "IsResumable", "IncludeItemTypes": "Movie,Episode", **query}
        found = await self.items(**asked)
        return [str(row["Id"]) for row in found]

    async def resume(self, **query: str | float) -> list[str]:
        """Return the ids on the resume list."""
        return [str(row["Id"]) for row in await self.rows(self.paths.resume, query)]

    async def single(self, item_id: str) -> Answer:
        """Return the answer to the question for one item."""
        return await self.ask("GET", self.paths.item, item_id)

    async def data(self, title: Title) -> Row:
        """Return the user's data of a title, as its own route tells them; raises Differs."""
        answer = await self.single(title.item_id)
        if answer.status != 200:
            raise Differs(f"the item itself: status {answer.status}")
        data: Row = answer.json["UserData"]
        return data

    async def listed(self, title: Title) -> Row:
        """Return the user's data of a title, as a batch tells them; raises Differs."""
        for row in await self.by_ids(title.item_id):
            if row["Id"] == title.item_id:
                data: Row = row["UserData"]
                return data
        raise Differs("a batch leaves the title out")

    async def write(self, title: Title, **fields: object) -> Answer:
        """Store fields as a tool does."""
        return await self.ask("POST", self.paths.data, title.item_id, body=fields)

    async def mark(self, title: Title, **query: str) -> Answer:
        """Mark as watched."""
        return await self.ask("POST", self.paths.played, title.item_id, query)

    async def unmark(self, title: Title) -> Answer:
        """Mark as unwatched."""
        return await self.ask("DELETE", self.paths.played, title.item_id)

    async def favor(self, title: Title, *, favorite: bool = True) -> Answer:
        """Make a favourite, or end that."""
        return await self.ask("POST" if favorite else "DELETE", self.paths.favorite, title.item_id)

    async def now(self) -> float:
        """Return the server's time."""
        return (await self.client.ask("GET", "/System/Info/Public")).time

    async def play(self, title: Title, at: int = 0, **fields: object) -> Answer:
        """Report a start, as this user's player."""
        return await self._report("", title, at, fields)

    async def report(self, title: Title, at: int, **fields: object) -> Answer:
        """Report how far it is."""
        return await self._report("/Progress", title, at, fields)

    async def stop(self, title: Title, at: int | None, **fields: object) -> Answer:
        """Report the end; None: without a position."""
        return await self._report("/Stopped", title, at, fields)

    async def played_to(self, title: Title, at: int) -> None:
        """Play from the start to a place."""
        await self.play(title)
        await self.report(title, at)
        await self.stop(title, at)

    async def _report(self, kind: str, title: Title, at: int | None, fields: Mapping[str, object]) -> Answer:
        """Send a report of a player."""
        body: dict[str, object] = {"ItemId": title.item_id, "CanSeek": True, "PlayMethod": "DirectPlay", **fields}
        if at is not None:
            body["PositionTicks"] = at
        return await self.client.ask("POST", f"/Sessions/Playing{kind}", body=body)
