"""The push messages of a Plex Media Server: notifications of sessions, which name no user, and of the library."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, override

from ...sync.media_server import InvalidAuth, MediaServerError, NotAllowed, PushKind
from ...sync.model import Activity, OpenSession, SessionRead
from ..plausible import LONGEST_MS, whole
from ..push import MOST_IN_A_MESSAGE, Conversation, Message
from ..push_inbox import PushInbox
from .rows import is_rating_key
from .sessions import PlexSession

HEARTBEAT_SECONDS: Final = 15.0

_MOST_SESSIONS: Final = 256
_ENDED_MS: Final = 10_000
"""So long a session that ended is told as such: several may end before anybody takes the event."""
_VIDEO_TYPES: Final = (1, 2, 3, 4)
# A timeline entry has one of these states once an item was created, is processed, or was deleted.
_CHANGED: Final = (0, 5, 9)
_ACTIVITIES: Final = {PushKind.PLAYED: Activity.PLAYING, PushKind.PAUSED: Activity.PAUSED}
_STATES: Final = {"playing": PushKind.PLAYED, "paused": PushKind.PAUSED, "stopped": PushKind.STOPPED}

type Sessions = Mapping[str, PlexSession | None]


class _Whose(Enum):
    """Whose session it is."""

    OURS = auto()
    OTHERS = auto()
    ASKED = auto()
    NOBODY_KNOWS = auto()


@dataclass(slots=True)
class _Known:
    """The last known state of a session; `at` is when it was told, in epoch milliseconds.

    `reported_at` is when its player reported `position_ms`; None: not told.
    """

    item_id: str
    did: PushKind
    whose: _Whose
    position_ms: int | None
    at: int
    reported_at: int | None = None


class PlexPush(Conversation):
    """Turns the notifications of a Plex Media Server into events of one user. A mark by hand causes none.

    The owner's connection gets every user's sessions, without the user: so `/status/sessions` is read once for each new
    session. If it has ended by then, its stop becomes an event, whoever watched. Other users, where the server lets
    them connect at all, get their own sessions only. (Captures of several clients; not documented.)

    The state of a session is repeated about every ten seconds. A stop is often followed by an update of the item, which
    is no change of the library.
    """

    def __init__(
        self,
        inbox: PushInbox,
        device_id: str,
        sessions: Callable[[], Awaitable[Sessions]] | None,
        check_user: Callable[[], Awaitable[None]],
        ask: Callable[[], Awaitable[object]],
    ) -> None:
        """Know no sessions yet.

        `sessions` reads all sessions; None for users who may not. For them `check_user` makes sure that the server does
        not take the user for its owner. `ask` makes a request that needs nothing but a valid token.
        """
        super().__init__(inbox)
        self._device_id = device_id
        self._read_sessions = sessions
        self._check_user = check_user
        self._ask = ask
        self._sessions: dict[str, _Known] = {}
        self._began = False

    @override
    def take(self, message: Message) -> None:
        container = message.get("NotificationContainer")
        container = container if isinstance(container, dict) else {}
        match container.get("type"):
            case "playing":
                for row in self._rows(container, "PlaySessionStateNotification"):
                    self._take_state(row)
            case "timeline":
                played = {known.item_id for known in self._sessions.values()}
                rows = self._rows(container, "TimelineEntry")
                self._library_changed(_is_change(row, played) for row in rows)
            case "activity":
                self._library_changed(map(_is_end_of_scan, self._rows(container, "ActivityNotification")))
            case "status":
                rows = self._rows(container, "StatusNotification")
                self._library_changed(row.get("notificationName") == "LIBRARY_UPDATE" for row in rows)
            case _:
                self.inbox.drop("a notification of another kind")

    @override
    async def read(self) -> None:
        """Find out whose the new sessions are; the first read also notes the sessions that play already."""
        if self._read_sessions is None:
            await self._check_user()
            return
        asked = [(key, known) for key, known in self._sessions.items() if known.whose is _Whose.ASKED]
        sessions = await self._read_sessions()
        for key, known in asked:
            if known.whose is _Whose.ASKED:
                known.whose = _whose(sessions[key]) if key in sessions else _Whose.NOBODY_KNOWS
                if known.whose is _Whose.OURS:
                    self.inbox.put(known.did, known.item_id, known.position_ms, known.at)
        if asked:
            self._tell_sessions()
        if not self._began:
            self._began = True
            for key, session in sessions.items():
                if session is not None and key not in self._sessions:
                    did = PushKind.PAUSED if session.activity is Activity.PAUSED else PushKind.PLAYED
                    known = _Known(session.item_id, did, _whose(session), session.position_ms, self.inbox.now())
                    self._remember(key, known)
            self.sessions = self._open_sessions()

    @override
    async def refusal(self, error: MediaServerError) -> MediaServerError:
        """Return the error for a refused connection: a server may answer 401 with a good token, so it is tried."""
        if not isinstance(error, InvalidAuth):
            return error
        try:
            await self._ask()
        except MediaServerError as err:
            return err
        return NotAllowed("The server pushes nothing to this user")

    def _take_state(self, row: Message) -> None:
        """Take the state of a session, unless it reports a write of ours."""
        item_id, key, device = (_text(row.get(name)) for name in ("ratingKey", "sessionKey", "clientIdentifier"))
        state, offset = row.get("state"), row.get("viewOffset")
        did = _STATES.get(state) if isinstance(state, str) else None
        key = key or device
        if device == self._device_id or state == "buffering":
            return
        if did is None or not is_rating_key(item_id) or not (key or did is PushKind.STOPPED):
            self.inbox.drop("a session without an item, a key or a state")
            return
        self._session_did(key, did, item_id, whole(offset, LONGEST_MS))

    def _session_did(self, key: str, did: PushKind, item_id: str, position_ms: int | None) -> None:
        """Compare the state of a session with its last one, and tell the change."""
        known = self._sessions.get(key)
        if known is not None and known.whose is _Whose.OTHERS:
            return
        if known is not None and (known.did, known.item_id) == (did, item_id):
            self._reported(known, position_ms)
            return
        if known is None:
            whose = _Whose.OURS if self._read_sessions is None else _Whose.ASKED
            known = _Known(item_id, did, whose, position_ms, self.inbox.now())
            self._remember(key, known)
            if known.whose is _Whose.ASKED and did is not PushKind.STOPPED:
                self.reads.want()
        elif known.item_id != item_id and known.did is not PushKind.STOPPED:
            self.inbox.put(PushKind.STOPPED, known.item_id, known.position_ms)
        known.item_id, known.did, known.position_ms, known.at = item_id, did, position_ms, self.inbox.now()
        known.reported_at = known.at
        if known.whose is _Whose.ASKED and did is PushKind.STOPPED:
            known.whose = _Whose.NOBODY_KNOWS
        if known.whose is _Whose.OURS or did is PushKind.STOPPED:
            self.inbox.put(did, item_id, position_ms)
            self._tell_sessions()

    def _reported(self, known: _Known, position_ms: int | None) -> None:
        """Take the report of a player that goes on as before."""
        known.reported_at = self.inbox.now()
        known.position_ms = known.position_ms if position_ms is None else position_ms
        if known.whose is _Whose.OURS and known.did is not PushKind.STOPPED:
            self._tell_sessions()

    def _tell_sessions(self) -> None:
        """Tell what the user's sessions do now."""
        self.inbox.put_sessions(self._open_sessions)

    def _open_sessions(self) -> SessionRead:
        """Return the user's sessions, and those that have just ended, also where nobody knows whose they were."""
        now = self.inbox.now()
        told = []
        for key, known in self._sessions.items():
            has_just_ended = known.did is PushKind.STOPPED and now - known.at <= _ENDED_MS
            goes_on = known.did is not PushKind.STOPPED and known.whose is _Whose.OURS
            if goes_on or (has_just_ended and known.whose is not _Whose.OTHERS):
                where, activity = known.position_ms, _ACTIVITIES.get(known.did)
                told.append(OpenSession(key, (known.item_id,), activity, where, where, known.reported_at))
        return SessionRead(tuple(told), now)

    def _remember(self, key: str, known: _Known) -> None:
        """Keep a session, and forget the oldest of too many."""
        if key:
            self._sessions[key] = known
        if len(self._sessions) > _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]

    def _library_changed(self, changes: Iterator[bool]) -> None:
        """Tell that the library changed, if one of these is a change."""
        if any(changes):
            self.inbox.put(PushKind.LIBRARY_CHANGED)

    def _rows(self, container: Message, name: str) -> Iterator[Message]:
        """Yield the rows of a notification; none of too many."""
        told = container.get(name)
        rows = told if isinstance(told, list) else [told]
        if len(rows) > MOST_IN_A_MESSAGE:
            self.look_at_all()
            return
        for row in rows:
            if isinstance(row, dict):
                yield row
            else:
                self.inbox.drop("a notification without what it should tell")


def _whose(session: PlexSession | None) -> _Whose:
    """Return whose a session is; one without a film or episode of the library counts as somebody else's."""
    return _Whose.OURS if session is not None and session.owners else _Whose.OTHERS


def _is_change(row: Message, played: Collection[str]) -> bool:
    """Tell whether a timeline entry is that of a video that came, changed or went, and not of a playback."""
    return (
        row.get("identifier", "com.plexapp.plugins.library") == "com.plexapp.plugins.library"
        and row.get("type", 1) in _VIDEO_TYPES
        and row.get("state") in _CHANGED
        and not (row.get("state") == 5 and _text(row.get("itemID")) in played)
    )


def _is_end_of_scan(row: Message) -> bool:
    """Tell whether an activity is a scan or a refresh of a library that has ended."""
    activity = row.get("Activity")
    kind = activity.get("type") if isinstance(activity, dict) else None
    return row.get("event") == "ended" and isinstance(kind, str) and kind.startswith("library.")


def _text(value: object) -> str:
    """Return a key, which may come as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
