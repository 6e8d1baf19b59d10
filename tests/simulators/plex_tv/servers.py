"""What plex.tv tells of servers: how to reach them, and who may use them."""

from aiohttp import web

from tests.simulators.holdings import LibraryKind
from tests.simulators.plex.accounts import PlexAccount, PlexRole, PlexUser
from tests.simulators.plex.markup import Element, Value, json_answer, wants_json, xml_answer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.routes import Call

from .answers import Data, element, failure, iso_date, v1_container
from .directory import PlexTvDirectory
from .people import HOME_MACHINE, signed_in

_NO_FILTERS: dict[str, Value] = {
    "filterAll": "",
    "filterMovies": "",
    "filterMusic": "",
    "filterPhotos": "",
    "filterTelevision": "",
}
_NO_RIGHTS: dict[str, Value] = {
    "allowTuners": False,
    "allowSync": False,
    "allowCameraUpload": False,
    "allowChannels": False,
    "allowSubtitleAdmin": False,
}


class ServerRoutes:
    """Resources of an account, and the users of an owner's servers."""

    def __init__(self, plex_tv: PlexTvDirectory) -> None:
        """Register the routes."""
        self._plex_tv = plex_tv
        for path, handler in (
            ("/api/v2/resources", self._resources),
            ("/api/users", self._users),
            ("/api/servers/{machine}/shared_servers", self._shared_servers),
        ):
            plex_tv.routes.add("GET", path, signed_in(plex_tv, handler))

    async def _resources(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with the servers and players that an account can reach."""
        rows: list[Data] = [self._resource(server, user) for server, user in self._plex_tv.uses(account)]
        rows.append(self._player(account))
        if wants_json(call):
            return json_answer([dict(row) for row in rows])
        root = Element("resources", {}, [element("resource", row) for row in rows])
        return xml_answer(root, content_type="application/xml")

    def _resource(self, server: PlexMediaServer, user: PlexUser) -> Data:
        """Return a server, with the token that this user has there."""
        owner = server.owner.account
        return {
            "name": server.name,
            "product": "Plex Media Server",
            "productVersion": server.version,
            "platform": "Linux",
            "platformVersion": "6.12",
            "device": "PC",
            "clientIdentifier": server.machine_id,
            "createdAt": "2020-01-01T10:00:00Z",
            "lastSeenAt": iso_date(self._plex_tv.now()),
            "provides": "server",
            "ownerId": None if user.is_owner else owner.account_id,
            "sourceTitle": None if user.is_owner else owner.username,
            "publicAddress": "203.0.113.7",
            "accessToken": user.access_token,
            "owned": user.is_owner,
            "home": user.role is PlexRole.HOME,
            "synced": False,
            "relay": any(each.relay for each in self._plex_tv.connections(server)),
            "presence": True,
            "httpsRequired": False,
            "publicAddressMatches": True,
            "dnsRebindingProtection": False,
            "natLoopbackSupported": False,
            "connections": [
                {
                    "protocol": each.protocol,
                    "address": each.address,
                    "port": each.port,
                    "uri": each.uri,
                    "local": each.local,
                    "relay": each.relay,
                    "IPv6": each.ipv6,
                }
                for each in self._plex_tv.connections(server)
            ],
        }

    def _player(self, account: PlexAccount) -> Data:
        """Return an app of the account: not every resource is a server."""
        return {
            "name": "Living room",
            "product": "Plex for Android (TV)",
            "productVersion": "10.20.0",
            "platform": "Android",
            "platformVersion": "14",
            "device": "SHIELD Android TV",
            "clientIdentifier": f"player-{account.uuid}",
            "createdAt": "2021-01-01T10:00:00Z",
            "lastSeenAt": iso_date(self._plex_tv.now()),
            "provides": "client,player,pubsub-player",
            "ownerId": None,
            "sourceTitle": None,
            "publicAddress": "203.0.113.7",
            "accessToken": None,
            "owned": True,
            "home": False,
            "synced": False,
            "relay": False,
            "presence": False,
            "httpsRequired": False,
            "publicAddressMatches": True,
            "dnsRebindingProtection": False,
            "natLoopbackSupported": False,
            "connections": [],
        }

    async def _users(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer with everybody that an account shares with, and with its Home."""
        shared: dict[int, list[tuple[PlexMediaServer, PlexUser]]] = {}
        people = {each.account_id: each for each in self._plex_tv.home(account) if each is not account}
        for server in self._owned(account):
            for user in server.users.values():
                if not user.is_owner:
                    people[user.account.account_id] = user.account
                    shared.setdefault(user.account.account_id, []).append((server, user))
        rows = [self._user(person, account, shared.get(number, [])) for number, person in people.items()]
        return v1_container(HOME_MACHINE, rows, totalSize=len(rows))

    def _user(self, person: PlexAccount, owner: PlexAccount, shared: list[tuple[PlexMediaServer, PlexUser]]) -> Element:
        """Return somebody with the servers that are shared with them."""
        servers = [
            Element(
                "Server",
                {
                    "id": 9000 + number,
                    "serverId": 100 + number,
                    "machineIdentifier": server.machine_id,
                    "name": server.name,
                    "lastSeenAt": int(self._plex_tv.now()),
                    "numLibraries": len(server.sections(user)),
                    "allLibraries": user.shared is None,
                    "owned": True,
                    "pending": False,
                },
            )
            for number, (server, user) in enumerate(shared)
        ]
        attributes: dict[str, Value] = {
            "id": person.account_id,
            "title": person.title if person.restricted else person.name,
            "username": person.username or "",
            "email": person.email or "",
            "recommendationsPlaylistId": "",
            "thumb": person.thumb,
            "protected": person.pin is not None,
            "home": person.home_of == owner.name,
        }
        return Element("User", {**attributes, **_NO_RIGHTS, **_NO_FILTERS, "restricted": person.restricted}, servers)

    async def _shared_servers(self, call: Call, account: PlexAccount) -> web.StreamResponse:
        """Answer the owner of a server with the tokens of everybody that it is shared with."""
        machine_id = call.path["machine"]
        server = next((each for each in self._owned(account) if each.machine_id == machine_id), None)
        if server is None:
            return failure(call, 404, 1002, "Server not found")
        users = [user for user in server.users.values() if not user.is_owner and server.sections(user)]
        rows = [self._share(server, user, 50_000 + number) for number, user in enumerate(users)]
        return v1_container(machine_id, rows)

    def _share(self, server: PlexMediaServer, user: PlexUser, number: int) -> Element:
        """Return one share of a server."""
        sections = [
            Element(
                "Section",
                {
                    "id": 800_000 + int(library.library_id),
                    "key": library.library_id,
                    "title": library.name,
                    "type": "movie" if library.kind is LibraryKind.FILMS else "show",
                    "shared": user.may_see(library),
                },
            )
            for library in server.libraries.values()
        ]
        attributes: dict[str, Value] = {
            "id": number,
            "username": user.account.username or "",
            "email": user.account.email or "",
            "userID": user.account.account_id,
            "accessToken": user.access_token,
            "name": server.name,
            "acceptedAt": 1_600_000_000,
            "invitedAt": 1_600_000_000,
        }
        rights: dict[str, Value] = {**_NO_RIGHTS, "owned": True, "allLibraries": user.shared is None}
        return Element("SharedServer", {**attributes, **rights, **_NO_FILTERS}, sections)

    def _owned(self, account: PlexAccount) -> list[PlexMediaServer]:
        """Return the servers that belong to an account."""
        return [server for server in self._plex_tv.servers if server.owner.account.account_id == account.account_id]
