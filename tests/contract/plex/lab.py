"""A Plex Media Server to ask, with the token of its owner; where they are given, another user's, and plex.tv."""

from contextlib import suppress
from typing import override
from xml.etree.ElementTree import Element

import aiohttp

from tests.contract.client import Client
from tests.contract.fact import Need, NotAsked
from tests.contract.lab import Lab, Wait
from tests.contract.servers import Kind, Server

from .person import EPISODES, FILMS, MINUTE, Person, Title, number, read

PLEX_TV = "https://plex.tv"

_LONG_ENOUGH_MS = 20 * MINUTE
_CLIENT = "resume-sync-contract"


class PlexLab(Lab):
    """A Plex Media Server over HTTP.

    Titles are those that neither user has ever touched; they are marked as unwatched again afterwards. The program
    makes no users and no libraries: those are plex.tv's.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        *,
        token: str,
        member_token: str = "",
        plex_tv: str = PLEX_TV,
        wait: Wait,
        offers: frozenset[Need] = frozenset(),
    ) -> None:
        """Ask nothing yet. `member_token` is another user's on this server; whether `token` is plex.tv's turns out."""
        super().__init__(offers=offers | ({Need.MEMBER} if member_token else set()), wait=wait)
        self._http, self._url, self._plex_tv = http, url, plex_tv
        self._touched: dict[tuple[Person, Title], None] = {}
        self.machine_id = ""
        self.owner = self.holder(token)
        self.member = self.holder(member_token) if member_token else self.owner
        self.plex_tv = self.at_plex_tv(token)
        self.stranger = self.holder("not-a-token")

    def holder(self, token: str) -> Person:
        """Return one who has a token on the server; none for an empty one."""
        return Person(Client(self._http, self._url, _headers(token)), self._touched)

    def at_plex_tv(self, token: str, client: str = _CLIENT) -> Client:
        """Return one who asks plex.tv, with a token or without, as a client of some name."""
        return Client(self._http, self._plex_tv, {**_headers(token, client), "Accept": "application/json"})

    @override
    async def open(self) -> None:
        root = read(await self.holder("").ask("GET", "/identity"))
        self.machine_id = root.get("machineIdentifier", "")
        self.server = Server.told(Kind.PLEX, root.get("version", ""))
        with suppress(aiohttp.ClientError, OSError):
            if (await self.plex_tv.ask("GET", "/api/v2/user")).status == 200:
                self.offers |= {Need.ACCOUNT}

    @override
    async def clean(self) -> None:
        for person, title in self._touched:
            await person.unscrobble(title)
        self._touched.clear()

    @override
    async def close(self) -> None:
        """Leave nothing: titles are untouched again after each fact."""

    async def films(self, count: int) -> list[Title]:
        """Return films that nobody touched; raises NotAsked."""
        return await self._untouched(FILMS, count, "films")

    async def film(self) -> Title:
        """Return a film that nobody touched; raises NotAsked."""
        return (await self.films(1))[0]

    async def episode(self) -> Title:
        """Return an episode that nobody touched; raises NotAsked."""
        return (await self._untouched(EPISODES, 1, "episodes"))[0]

    async def episodes_of_a_show(self, count: int) -> list[Title]:
        """Return episodes of one show that nobody touched, in their order; raises NotAsked."""
        shows: dict[str, list[Title]] = {}
        for row in await self.owner.rows(EPISODES, query={"includeGuids": 1, "sort": "episode.id"}):
            if await self._is_free(row):
                found = shows.setdefault(row.get("grandparentRatingKey", ""), [])
                found.append(_title(row))
                if len(found) == count:
                    return found
        raise NotAsked(f"needs {count} episodes of one show, of 20 minutes or more, that nobody touched")

    async def _untouched(self, kind: int, count: int, name: str) -> list[Title]:
        """Return titles with ids that are long enough to be left in the middle."""
        found: list[Title] = []
        for row in await self.owner.rows(kind, query={"includeGuids": 1}):
            if await self._is_free(row):
                found.append(_title(row))
                if len(found) == count:
                    return found
        raise NotAsked(f"needs {count} {name} of 20 minutes or more that nobody touched")

    async def _is_free(self, row: Element) -> bool:
        """Tell whether neither user ever touched a title."""
        return _is_untouched(row) and (self.member is self.owner or await self._untouched_by_member(row))

    async def _untouched_by_member(self, row: Element) -> bool:
        """Tell whether the other user sees a title and has never touched it."""
        answer = await self.member.ask("GET", f"/library/metadata/{row.get('ratingKey')}")
        return answer.status == 200 and all(map(_is_untouched, read(answer)))


def _title(row: Element) -> Title:
    """Return the title of a row."""
    return Title(row.get("ratingKey", ""), number(row, "duration"), row.get("guid", ""))


def _is_untouched(row: Element) -> bool:
    """Tell whether a title that an agent of today knows was never played."""
    touched = any(row.get(name) for name in ("viewOffset", "viewCount", "lastViewedAt"))
    return not touched and row.get("guid", "").startswith("plex://") and number(row, "duration") >= _LONG_ENOUGH_MS


def _headers(token: str, client: str = _CLIENT) -> dict[str, str]:
    """Return what a client says of itself."""
    said = {
        "X-Plex-Client-Identifier": client,
        "X-Plex-Product": "Contract",
        "X-Plex-Version": "1.0",
        "X-Plex-Device-Name": "Contract",
    }
    return {**said, "X-Plex-Token": token} if token else said
