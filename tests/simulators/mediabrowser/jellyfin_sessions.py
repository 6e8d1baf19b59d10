"""Sessions as Jellyfin writes them."""

from tests.simulators.playback import PlaySession

from .accounts import Token
from .rows import Json, RowOptions
from .server import MediaBrowserServer
from .sessions import SessionRoutes
from .values import NEVER, ticks


class JellyfinSessionRoutes(SessionRoutes):
    """Sessions that can be asked for by activity."""

    filters_by_activity = True
    guest_path = "/Sessions/{session}/User/{user}"


def jellyfin_session(
    server: MediaBrowserServer, routes: SessionRoutes, token: Token | None, session: PlaySession | None
) -> Json:
    """Return the session of a device; also after its play has ended it tells when the player was last heard of."""
    user = token.user if token else server.accounts.user_by_id(session.user_id) if session else None
    plays = session is not None and not session.ended
    state: Json = {"CanSeek": plays, "IsPaused": False, "IsMuted": False}
    state |= {"RepeatMode": "RepeatNone", "PlaybackOrder": "Default"}
    last = session.checked_in_at if session else None
    checked_in = NEVER if last is None else server.rows.date(last + server.skew)
    activity = token.last_activity if token else server.now()
    row: Json = {
        "PlayState": state,
        "AdditionalUsers": routes.guests(session),
        "Capabilities": {"PlayableMediaTypes": [], "SupportedCommands": [], "SupportsMediaControl": False},
        "RemoteEndPoint": "127.0.0.1",
        "PlayableMediaTypes": [],
        "Id": session.session_id if session else token.session_id if token else "",
        "UserId": user.user_id if user else "0" * 32,
        "UserName": user.name if user else "",
        "Client": session.client if session else token.client.name if token else "",
        "LastActivityDate": server.rows.date(activity),
        "LastPlaybackCheckIn": checked_in,
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
    item = server.holdings.get(session.item_id) if session and plays else None
    if session is not None and item is not None:
        state["IsPaused"] = session.paused
        state["PositionTicks"] = ticks(session.position_at(server.clock.now()))
        state |= {"MediaSourceId": session.version_id, "PlayMethod": "DirectPlay", "VolumeLevel": 100}
        row["NowPlayingItem"] = server.rows.item(item, None, RowOptions(detail=True))
        del row["NowPlayingItem"]["MediaSources"]
    return row
