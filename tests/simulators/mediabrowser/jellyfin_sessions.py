"""Sessions as Jellyfin writes them."""

from typing import override

from aiohttp import web

from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call

from .accounts import Token
from .rows import Json, RowOptions
from .server import MediaBrowserServer
from .sessions import SessionRoutes
from .values import NEVER, ticks


class JellyfinSessionRoutes(SessionRoutes):
    """Sessions that can be asked for by activity. `check_ins`: when the player of a token last reported."""

    filters_by_activity = True

    def __init__(self, server: MediaBrowserServer) -> None:
        """Have heard of no player."""
        super().__init__(server)
        self.check_ins: dict[str, float] = {}

    @override
    def start(self, call: Call, token: Token) -> web.Response:
        self.check_ins[token.value] = self.server.now()
        return super().start(call, token)

    @override
    def progress(self, call: Call, token: Token) -> web.Response:
        self.check_ins[token.value] = self.server.now()
        return super().progress(call, token)


def jellyfin_session(
    server: MediaBrowserServer, token: Token | None, session: PlaySession | None, checked_in: float | None
) -> Json:
    """Return the session of a device. `checked_in`: when its player was last heard of, also after it was ended."""
    user = token.user if token else server.accounts.user_by_id(session.user_id) if session else None
    state: Json = {"CanSeek": session is not None, "IsPaused": False, "IsMuted": False}
    state |= {"RepeatMode": "RepeatNone", "PlaybackOrder": "Default"}
    activity = token.last_activity if token else server.now()
    row: Json = {
        "PlayState": state,
        "AdditionalUsers": [],
        "Capabilities": {"PlayableMediaTypes": [], "SupportedCommands": [], "SupportsMediaControl": False},
        "RemoteEndPoint": "127.0.0.1",
        "PlayableMediaTypes": [],
        "Id": session.session_id if session else token.session_id if token else "",
        "UserId": user.user_id if user else "0" * 32,
        "UserName": user.name if user else "",
        "Client": session.client if session else token.client.name if token else "",
        "LastActivityDate": server.rows.date(activity),
        "LastPlaybackCheckIn": NEVER if checked_in is None else server.rows.date(checked_in),
        "DeviceName": session.device_name if session else token.client.device if token else "",
        "DeviceId": session.device_id if session else token.client.device_id if token else "",
        "ApplicationVersion": "1.0.0",
        "IsActive": True,
        "SupportsMediaControl": False,
        "SupportsRemoteControl": False,
        "NowPlayingQueue": [],
        "HasCustomDeviceName": False,
        "ServerId": server.server_id,
        "SupportedCommands": [],
    }
    item = server.holdings.get(session.item_id) if session else None
    if session is not None and item is not None:
        state["IsPaused"] = session.paused
        state["PositionTicks"] = ticks(session.position_at(server.clock.now()))
        state |= {"MediaSourceId": session.version_id, "PlayMethod": "DirectPlay", "VolumeLevel": 100}
        row["NowPlayingItem"] = server.rows.item(item, None, RowOptions(detail=True))
        del row["NowPlayingItem"]["MediaSources"]
    return row
