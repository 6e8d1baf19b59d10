"""A Jellyfin or Emby to ask: signs in, makes users, a library and titles, scans, withdraws, restarts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
import secrets
from typing import Any, override
from urllib.parse import quote

import aiohttp

from tests.contract.client import Answer, Client
from tests.contract.fact import Differs, Need, NotAsked
from tests.contract.lab import Lab, Wait
from tests.contract.media import Film, MediaFolder, Show
from tests.contract.servers import Kind, Server

from .paths import PATHS
from .person import TICKS, Person, Title

HARBOUR = Film("Contract Harbour", 2011, 6000, {"tmdb": "9055555", "imdb": "tt9012345"})
LANTERN = Film("Contract Lantern", 2014, 6000, {"tmdb": "9055556", "imdb": "tt9012346"})
SHORT = Film("Contract Short", 2020, 110, {"tmdb": "9055557"})
ROAD = Show(
    "Contract Road",
    2008,
    2400,
    ((1, 1), (1, 2), (2, 1)),
    {"tvdb": "9081189", "imdb": "tt9090374"},
    aired="2008-03-14",
)

_SECONDS_OF_A_SCAN = 300
_TRIES_OF_A_START = 1500


def _is_up(answer: Answer) -> bool:
    """Tell whether an answer is that of a server that has started."""
    return answer.status == 200 and answer.text != "Degraded" and "startupWizardCompleted" not in answer.text


class MediaBrowserLab(Lab):
    """A Jellyfin or Emby over HTTP. `admin` asks for the user that was given, who is one where anything can be made.

    An administrator makes a user for each fact, a media folder titles of known ids and lengths. A plain user is asked
    with titles that they never touched, which are untouched again afterwards.
    """

    given_user: Person

    def __init__(
        self,
        http: aiohttp.ClientSession,
        kind: Kind,
        url: str,
        *,
        user: str,
        password: str,
        media: MediaFolder | None,
        wait: Wait,
        offers: frozenset[Need] = frozenset(),
    ) -> None:
        """Ask nothing yet; `offers` are patience and a restart, the rest turns out."""
        super().__init__(offers=offers, wait=wait)
        self.paths = PATHS[kind]
        self._kind, self._url, self._http = kind, url, http
        self._given = (user, password)
        self._media = media
        self._mark = secrets.token_hex(3)
        self._numbers = count(1)
        self._libraries: dict[str, MediaFolder] = {}
        self._users: list[str] = []
        self._touched: list[tuple[Person, Title]] = []
        self._extra: list[tuple[MediaFolder, Film | Show]] = []
        self._keys: list[str] = []
        self.admin = self.nobody()

    def nobody(self, device: str = "") -> Client:
        """Return one who has no token; with a device, as a client that is about to sign in."""
        return Client(self._http, self._url, {"Authorization": self._authorization(device)} if device else {})

    def holder(self, token: str, device: str = "holder") -> Client:
        """Return one who has a token."""
        headers = {"Authorization": f'{self._authorization(device)}, Token="{token}"', "X-Emby-Token": token}
        return Client(self._http, self._url, headers)

    def _authorization(self, device: str) -> str:
        """Return what a client says of itself."""
        given = f'Device="{quote(device)}", DeviceId="{self._device_id(device)}", Version="1.0"'
        return f'MediaBrowser Client="Contract", {given}'

    def _device_id(self, device: str) -> str:
        """Return the id of a device; only this lab has it."""
        return f"contract-{self._mark}-{device.replace(' ', '-')}"

    @override
    async def open(self) -> None:
        info = await self.nobody().get("/System/Info/Public")
        self.server = Server.told(self._kind, info["Version"])
        self.given_user = await self.sign_in(*self._given)
        self.admin = self.given_user.client
        user = await self.admin.get(f"/Users/{self.given_user.user_id}")
        if not user["Policy"]["IsAdministrator"]:
            return
        self.offers |= {Need.ADMINISTRATOR}
        if self._media is not None:
            await self._make_shelves(self._media.inside(f"contract-{self._mark}"))
            self.offers |= {Need.MEDIA}

    @override
    async def clean(self) -> None:
        for person, title in self._touched:
            await person.unmark(title)
            await person.favor(title, favorite=False)
        for user_id in self._users:
            await self.admin.ask("DELETE", f"/Users/{user_id}")
        for key in self._keys:
            await self.admin.ask("DELETE", f"/Auth/Keys/{key}")
        for folder, extra in self._extra:
            folder.remove(extra)
        self._keys.clear()
        self._touched.clear()
        self._users.clear()
        self._extra.clear()

    @override
    async def close(self) -> None:
        for name, folder in self._libraries.items():
            await self.admin.ask("DELETE", "/Library/VirtualFolders", {"name": name, "refreshLibrary": "true"})
            folder.remove_all()
        if self._libraries and self._media is not None:
            self._media.here.joinpath(f"contract-{self._mark}").rmdir()
        self._libraries.clear()

    async def authenticate(self, name: str, password: str, device: str) -> Answer:
        """Return the answer to a sign-in."""
        body = {"Username": name, "Pw": password}
        return await self.nobody(device).ask("POST", "/Users/AuthenticateByName", body=body)

    async def sign_in(self, name: str, password: str, device: str = "") -> Person:
        """Sign a user in; raises Differs."""
        device = device or f"{name} {next(self._numbers)}"
        answer = await self.authenticate(name, password, device)
        if answer.status != 200:
            raise Differs(f"sign-in of {name}: status {answer.status}")
        token, user_id = answer.json["AccessToken"], answer.json["User"]["Id"]
        client, device_id = self.holder(token, device), self._device_id(device)
        return Person(
            client, self.paths, name=name, password=password, user_id=user_id, token=token, device_id=device_id
        )

    async def person(self) -> Person:
        """Return a user for one fact: a new one, or the one that was given."""
        if Need.ADMINISTRATOR not in self.offers:
            return self.given_user
        name, password = f"contract-{self._mark}-{next(self._numbers)}", secrets.token_hex(8)
        answer = await self.admin.done("POST", "/Users/New", body={"Name": name, "Password": password})
        user_id = answer.json["Id"]
        self._users.append(user_id)
        if self._kind is Kind.EMBY:
            body = {"Id": user_id, "CurrentPw": "", "NewPw": password}
            await self.admin.done("POST", f"/Users/{user_id}/Password", body=body)
        return await self.sign_in(name, password)

    async def film(self, person: Person, film: Film = HARBOUR) -> Title:
        """Return a film to play with: the named one, or where nothing could be made one that is untouched."""
        if Need.MEDIA in self.offers:
            return await self.title(film.name)
        known = {title.item_id for _, title in self._touched}
        for row in await person.items(IncludeItemTypes="Movie", Filters="IsUnplayed", Limit=200, SortBy="SortName"):
            ticks, data = int(row.get("RunTimeTicks", 0)), row["UserData"]
            untouched = not (data["PlaybackPositionTicks"] or data["IsFavorite"] or data.get("LastPlayedDate"))
            if film is not SHORT and untouched and ticks >= 3600 * TICKS and row["Id"] not in known:
                title = Title(row["Id"], row["Name"], ticks)
                self._touched.append((person, title))
                return title
        raise NotAsked("this user has no untouched film to play with")

    async def title(self, name: str, kind: str = "Movie") -> Title:
        """Return what this lab has put on its shelves under a name; raises Differs."""
        titles = await self.titles(name, kind)
        if len(titles) != 1:
            raise Differs(f"{len(titles)} titles are called {name}")
        return titles[0]

    async def titles(self, name: str, kind: str = "Movie") -> list[Title]:
        """Return all of that name."""
        rows = await self.given_user.items(IncludeItemTypes=kind, SearchTerm=name, Limit=100)
        found = [row for row in rows if row["Name"] == name]
        return [Title(row["Id"], row["Name"], int(row.get("RunTimeTicks", 0))) for row in found]

    async def episode(self, person: Person, season: int = 1, number: int = 1, show: Show = ROAD) -> Title:
        """Return an episode of a show on the shelves."""
        top = await self.title(show.name, "Series")
        path = f"/Shows/{top.item_id}/Episodes"
        rows = (await person.client.get(path, {"UserId": person.user_id, "Season": season}))["Items"]
        for row in rows:
            if row["IndexNumber"] == number:
                return Title(row["Id"], row["Name"], int(row["RunTimeTicks"]))
        raise Differs(f"{show.name} has no episode {season}x{number:02}")

    def library(self, what: str) -> MediaFolder:
        """Return the folder of one of the libraries, `films`, `other films` or `shows`."""
        return self._libraries[self.library_name(what)]

    def library_name(self, what: str) -> str:
        """Return what the server calls a library."""
        return f"Contract {what} {self._mark}"

    async def library_row(self, what: str) -> Any:
        """Return a library as the dashboard lists it."""
        path = "/Library/VirtualFolders" + ("/Query" if self._kind is Kind.EMBY else "")
        rows = await self.admin.get(path)
        rows = rows["Items"] if isinstance(rows, dict) else rows
        return next(row for row in rows if row["Name"] == self.library_name(what))

    async def library_id(self, person: Person, what: str) -> str:
        """Return the id by which a user asks for a library."""
        rows = await person.rows(person.paths.views)
        return str(next(row["Id"] for row in rows if row["Name"] == self.library_name(what)))

    async def put(self, title: Film | Show, *, library: str = "", scans: int = 2) -> None:
        """Put a title on a shelf for one fact, and let the server scan."""
        is_film = isinstance(title, Film)
        folder = self.library(library or ("films" if is_film else "shows"))
        folder.add_film(title) if isinstance(title, Film) else folder.add_show(title)
        self._extra.append((folder, title))
        for _ in range(1 if is_film else scans):
            await self.scan()

    async def edit(self, title: Film | Show, *, library: str = "") -> None:
        """Describe a title anew, with the ids that it now has, and let the server scan."""
        self.library(library or ("films" if isinstance(title, Film) else "shows")).describe(title)
        await self.scan()

    async def scan(self) -> None:
        """Let the server look through its libraries, and wait until it has; raises Differs."""
        before = await self._last_scan()
        await self.admin.done("POST", "/Library/Refresh")
        for _ in range(_SECONDS_OF_A_SCAN * 4):
            if (await self._last_scan()) != before:
                return
            await asyncio.sleep(0.25)
        raise Differs("a scan of the library has no end")

    async def withdraw(self, person: Person, what: str) -> str:
        """Take a library from a user, and return its id."""
        rows = await self.admin.get("/Library/VirtualFolders" + ("/Query" if self._kind is Kind.EMBY else ""))
        rows = rows["Items"] if isinstance(rows, dict) else rows
        kept = [row for row in rows if row["Name"] != self.library_name(what)]
        await self.policy(
            person, EnableAllFolders=False, EnabledFolders=[row.get("Guid", row["ItemId"]) for row in kept]
        )
        return str(next(row["ItemId"] for row in rows if row["Name"] == self.library_name(what)))

    async def policy(self, person: Person, **changes: object) -> None:
        """Change what a user may do."""
        user = await self.admin.get(f"/Users/{person.user_id}")
        await self.admin.done("POST", f"/Users/{person.user_id}/Policy", body=user["Policy"] | changes)

    async def configure(self, person: Person, **changes: object) -> None:
        """Change the settings of a user."""
        user = await self.admin.get(f"/Users/{person.user_id}")
        body = user["Configuration"] | changes
        await self.admin.done("POST", f"/Users/{person.user_id}/Configuration", body=body)

    async def api_key(self) -> Client:
        """Return one who has an API key, made for one fact."""
        app = f"contract-{self._mark}-{next(self._numbers)}"
        await self.admin.done("POST", "/Auth/Keys", {"App": app})
        rows = (await self.admin.get("/Auth/Keys"))["Items"]
        key = next(row["AccessToken"] for row in rows if row["AppName"] == app)
        self._keys.append(key)
        return self.holder(key, "key")

    @asynccontextmanager
    async def unmounted(self, what: str) -> AsyncIterator[None]:
        """Take the files of a library out of the server's reach for a while."""
        shelf = self.library(what)
        away = shelf.here.with_name(f"{what} away")
        shelf.here.rename(away)
        shelf.here.mkdir()
        try:
            yield
        finally:
            shelf.here.rmdir()
            away.rename(shelf.here)

    async def restart(self) -> None:
        """Let the server start anew, and wait until it is up."""
        await self.answers_of_a_start("/Users/Public")

    async def answers_of_a_start(self, path: str) -> list[Answer]:
        """Let the server start anew, and return what it answers until it is up; raises Differs."""
        await self.admin.done("POST", "/System/Restart")
        nobody, was_away = self.nobody(), False
        answers: list[Answer] = []
        for _ in range(_TRIES_OF_A_START):
            try:
                answer = await nobody.ask("GET", path)
            except aiohttp.ClientError, OSError:
                was_away = True
            else:
                if _is_up(answer) and was_away:
                    return answers
                if not _is_up(answer):
                    answers.append(answer)
                    was_away = True
            await self.wait(0.2)
        raise Differs("the server does not start anew")

    async def _last_scan(self) -> object:
        """Return which scan of the libraries was the last; None while one runs."""
        for task in await self.admin.get("/ScheduledTasks"):
            if task["Key"] == "RefreshLibrary" and task["State"] == "Idle":
                result: Mapping[str, object] = task.get("LastExecutionResult") or {}
                return result.get("EndTimeUtc", "never")
        return None

    async def _make_shelves(self, folder: MediaFolder) -> None:
        """Make the libraries, and what every fact may use."""
        for what, kind in (("films", "movies"), ("other films", "movies"), ("shows", "tvshows")):
            shelf = folder.inside(what)
            self._libraries[self.library_name(what)] = shelf
            await self._make_library(self.library_name(what), kind, shelf.there)
        for film in (HARBOUR, LANTERN, SHORT):
            self.library("films").add_film(film)
        self.library("shows").add_show(ROAD)
        await self.scan()
        await self.scan()

    async def _make_library(self, name: str, kind: str, path: str) -> None:
        """Make a library that asks nobody on the internet."""
        types = ("Movie", "Series", "Season", "Episode")
        options = {
            "EnableRealtimeMonitor": False,
            "SaveLocalMetadata": False,
            "EnableInternetProviders": False,
            "PathInfos": [{"Path": path}],
            "TypeOptions": [{"Type": each, "MetadataFetchers": [], "ImageFetchers": []} for each in types],
        }
        query = {"name": name, "collectionType": kind, "paths": path, "refreshLibrary": "false"}
        body = {
            "Name": name,
            "CollectionType": kind,
            "Paths": [path],
            "RefreshLibrary": False,
            "LibraryOptions": options,
        }
        await self.admin.done("POST", "/Library/VirtualFolders", query, body)
