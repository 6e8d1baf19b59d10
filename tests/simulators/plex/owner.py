"""What a Plex Media Server tells of itself, and what it tells to its owner alone."""

from aiohttp import web

from tests.simulators.holdings import Entry
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call, Handler

from .accounts import PlexUser
from .listings import SignedInHandler, signed_in
from .markup import Element, Value, container, html_error, not_found, unauthorized
from .playback import PlexPlayback
from .rows import Detail, item_row

_PAGES = "activities butler clients hubs identity library livetv media playQueues playlists status transcode".split()


class OwnerRoutes:
    """Identity, root, preferences, accounts and sessions.

    `refusal`: the status for those who are not the owner. `accounts_answered` False: `/accounts`, which no document
    names, is not there for anybody.
    """

    def __init__(self, server: PlexPlayback) -> None:
        """Register the routes."""
        self._server = server
        self.refusal = 401
        self.accounts_answered = True
        server.routes.add("GET", "/identity", self._identity)
        server.routes.add("GET", "/", signed_in(server, self._root))
        server.routes.add("GET", "/media/providers", signed_in(server, self._providers))
        server.routes.add("GET", "/accounts", self._accounts_or_nothing)
        for path, handler in {
            "/status/sessions": self._sessions,
            "/:/prefs": self._preferences,
            "/:/prefs/get": self._preference,
        }.items():
            server.routes.add("GET", path, self._owner_only(handler))

    def _owner_only(self, handler: SignedInHandler) -> Handler:
        """Return a handler that refuses everybody but the owner."""

        async def answer(call: Call, user: PlexUser) -> web.StreamResponse:
            if user.is_owner:
                return await handler(call, user)
            return unauthorized(call) if self.refusal == 401 else html_error(self.refusal, "Forbidden")

        return signed_in(self._server, answer)

    async def _identity(self, call: Call) -> web.StreamResponse:
        """Answer anybody who the server is."""
        server = self._server
        attributes: dict[str, Value] = {
            "apiVersion": "1.1.1",
            "claimed": server.claimed,
            "machineIdentifier": server.machine_id,
        }
        return container(call, {**attributes, "version": server.version})

    async def _root(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the capabilities of the server."""
        server = self._server
        rows = [Element("Directory", {"count": 1, "key": page, "title": page}) for page in _PAGES]
        attributes: dict[str, Value] = {
            "allowCameraUpload": False,
            "allowChannelAccess": True,
            "allowMediaDeletion": True if user.is_owner else None,
            "allowSharing": True,
            "allowSync": False,
            "allowTuners": False,
            "backgroundProcessing": True,
            "certificate": True,
            "companionProxy": True,
            "countryCode": "deu",
            "diagnostics": "logs,databases,streaminglogs" if user.is_owner else None,
            "eventStream": True,
            "friendlyName": server.name,
            "hubSearch": True,
            "itemClusters": True,
            "livetv": 7,
            "machineIdentifier": server.machine_id,
            "mediaProviders": True,
            "multiuser": True,
            "musicAnalysis": 2,
            "myPlex": True,
            "myPlexMappingState": "mapped",
            "myPlexSigninState": "ok",
            "myPlexSubscription": False,
            "myPlexUsername": server.owner.account.email if user.is_owner else None,
            "offlineTranscode": 1,
            "ownerFeatures": "adaptive_bitrate,collections,home,item_clusters,shared-radio,type-first",
            "platform": "Linux",
            "platformVersion": "6.12.0 (Debian)",
            "pluginHost": True,
            "pushNotifications": False,
            "readOnlyLibraries": False,
            "streamingBrainABRVersion": 3,
            "streamingBrainVersion": 2,
            "sync": True,
            "transcoderActiveVideoSessions": 0,
            "transcoderAudio": True,
            "transcoderVideo": True,
            "transcoderVideoBitrates": "64,96,208,320,720,1500,2000,3000,4000,8000,10000,12000,20000",
            "transcoderVideoQualities": "0,1,2,3,4,5,6,7,8,9,10,11,12",
            "transcoderVideoResolutions": "128,128,160,240,320,480,768,720,720,1080,1080,1080,1080",
            "updatedAt": int(server.now()),
            "updater": True,
            "version": server.version,
            "voiceSearch": True,
        }
        return container(call, attributes, rows)

    async def _providers(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with the features of the library."""
        action = Element("Action", {"id": "removeFromContinueWatching", "key": "/actions/removeFromContinueWatching"})
        features = [
            Element("Feature", {"key": "/hubs/continueWatching", "type": "continuewatching"}),
            Element("Feature", {"key": "/actions", "type": "actions"}, [action]),
            Element(
                "Feature",
                {
                    "key": "/:/timeline",
                    "scrobbleKey": "/:/scrobble",
                    "unscrobbleKey": "/:/unscrobble",
                    "type": "timeline",
                },
            ),
        ]
        provider: dict[str, Value] = {
            "identifier": "com.plexapp.plugins.library",
            "title": "Library",
            "types": "video,audio,photo",
            "protocols": "stream,download",
        }
        names: dict[str, Value] = {"friendlyName": self._server.name, "machineIdentifier": self._server.machine_id}
        return container(
            call, {**names, "version": self._server.version}, [Element("MediaProvider", provider, features)]
        )

    async def _accounts_or_nothing(self, call: Call) -> web.StreamResponse:
        """Answer the owner, unless this server does not know the route."""
        known = self._owner_only(self._accounts)
        return await known(call) if self.accounts_answered else self._server.unknown_path(call)

    async def _accounts(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with everybody who has an account on the server, and with the one that is nobody's."""
        people = [(0, "", "")]
        people += [(int(each.user_id), each.name, each.account.thumb) for each in self._server.users.values()]
        rows = [
            Element(
                "Account",
                {
                    "id": number,
                    "key": f"/accounts/{number}",
                    "name": name,
                    "defaultAudioLanguage": "en",
                    "autoSelectAudio": True,
                    "defaultSubtitleLanguage": "en",
                    "subtitleMode": 0,
                    "thumb": thumb,
                },
            )
            for number, name, thumb in people
        ]
        return container(call, {"identifier": "com.plexapp.system.accounts"}, rows)

    async def _sessions(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with what everybody plays or has paused now."""
        rows = []
        for session in self._server.timeline.sessions:
            entry = self._server.holdings.get(session.item_id)
            viewer = next((each for each in self._server.users.values() if each.user_id == session.user_id), None)
            if entry is not None and viewer is not None:
                rows.append(self._session_row(session, entry, viewer))
        return container(call, {}, rows)

    def _session_row(self, session: PlaySession, entry: Entry, viewer: PlexUser) -> Element:
        """Return one session: the item with who plays it where."""
        row = item_row(self._server, viewer, entry, Detail(section=True, whole=True))
        row.attributes = {
            **row.attributes,
            "sessionKey": str(int(session.session_id, 16)),
            "viewOffset": session.position_at(self._server.clock.now()),
        }
        person: dict[str, Value] = {"id": viewer.user_id, "thumb": viewer.account.thumb, "title": viewer.name}
        player: dict[str, Value] = {
            "address": "192.168.1.40",
            "machineIdentifier": session.device_id,
            "model": "hailstorm",
            "platform": "Android",
            "platformVersion": "14",
            "product": session.client,
            "profile": "Android",
            "remotePublicAddress": "203.0.113.7",
            "state": "paused" if session.paused else "playing",
            "title": session.device_name,
            "version": "10.20.0",
            "local": True,
            "relayed": False,
            "secure": True,
            "userID": int(viewer.user_id),
        }
        connection: dict[str, Value] = {"id": session.session_id[-8:], "bandwidth": 6200, "location": "lan"}
        row.children += [
            Element("User", person, single=True),
            Element("Player", player, single=True),
            Element("Session", connection, single=True),
        ]
        return row

    async def _preferences(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with all preferences."""
        return container(call, {}, self._settings())

    async def _preference(self, call: Call, user: PlexUser) -> web.StreamResponse:
        """Answer with one preference."""
        found = [setting for setting in self._settings() if setting.attributes["id"] == call.argument("id")]
        return container(call, {}, found) if found else not_found()

    def _settings(self) -> list[Element]:
        """Return the preferences as rows."""
        server = self._server
        return [
            _setting("FriendlyName", "Friendly name", "", server.name),
            _setting("OnDeckWindow", "Weeks to consider for Continue Watching", 16, server.on_deck_weeks),
            _setting(
                "LibraryVideoPlayedThreshold",
                "Video played threshold",
                90,
                server.played_threshold,
                values="70:70%|75:75%|80:80%|85:85%|90:90%|95:95%",
            ),
            _setting(
                "LibraryVideoPlayedAtBehaviour",
                "Video play completion behaviour",
                3,
                server.played_at,
                values="0:at selected threshold percentage|1:at final credits marker position"
                "|2:at first credits marker position|3:earliest between threshold percent and first credits marker",
            ),
        ]


def _setting(name: str, label: str, default: Value, value: Value, *, values: str | None = None) -> Element:
    """Return one preference; numbers are those of the library."""
    number = isinstance(default, int)
    attributes: dict[str, Value] = {
        "id": name,
        "label": label,
        "summary": "",
        "type": "int" if number else "text",
        "default": default,
        "value": value,
        "hidden": False,
        "advanced": number,
        "group": "library" if number else "general",
        "enumValues": values,
    }
    return Element("Setting", attributes)
