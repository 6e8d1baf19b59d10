"""The push messages of Jellyfin and Emby: sessions, changes of the user's data and of the library."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
import re
from typing import Final, override

from ...sync.media_server import MediaServerError, NotAllowed, PushKind
from ...sync.model import Activity, OpenSession, SessionRead
from ..http import JsonConnection
from ..push import MOST_IN_A_MESSAGE, Conversation, Message
from ..push_inbox import MOST_PENDING, PushInbox
from .rows import LIMITS_OF_SESSIONS, PARTS_OF_SESSIONS, Row, open_sessions, position_of

HEARTBEAT_SECONDS: Final = 30.0

REPORT_SECONDS: Final = 20.0
"""Apps report every 10 s: one that has not said anything so long after a start does not report while it plays."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """User data of an item that changed, and when the message came."""

    position_ms: int | None
    at: int


class MediaBrowserPush(Conversation):
    """Turns the messages of Jellyfin and Emby into events of one user.

    `Sessions` holds the whole list, about every 1.5 seconds while something plays. Administrators and API keys get it;
    on late versions of Jellyfin 10.11 every user gets their own sessions. `UserDataChanged` comes half a second after a
    start, a stop or a mark, to the user's own tokens, not to API keys. Without `Sessions`, a change of user data causes
    a read of the sessions; a pause stays unseen there. On Jellyfin a start then causes one more, 20 seconds later: only
    a player that reports while it plays can be told from one that was switched off.

    Jellyfin ends a connection that does not send `KeepAlive` within the seconds that `ForceKeepAlive` names; Emby has
    no such message. Emby takes a connection with any token and then stays silent, and no server sends a list before
    something changes: so the sessions are read once at the start.
    (Sources: Jellyfin's server code; recorded with Emby 4.9.5.)
    """

    parts = PARTS_OF_SESSIONS
    greetings = (json.dumps({"MessageType": "SessionsStart", "Data": "0,1500"}),)

    def __init__(
        self,
        inbox: PushInbox,
        connection: JsonConnection,
        user_id: str,
        item_id: re.Pattern[str],
        check: Callable[[], Awaitable[None]],
    ) -> None:
        """Know nothing yet.

        `connection` reads the sessions, `item_id` matches ids of items, `check` raises NotAllowed where the server
        takes a connection and then sends no messages.
        """
        super().__init__(inbox)
        self._connection = connection
        self._user_id = user_id
        self._item_id = item_id
        self._check = check
        self._checked = False
        self._lists_come = False
        self._skew_ms = 0
        self._playing: Mapping[str, OpenSession] | None = None
        self._started: set[str] = set()
        self._changed: dict[str, _Changed] = {}

    @override
    def take(self, message: Message) -> None:
        data = message.get("Data")
        match message.get("MessageType"):
            case "Sessions" if isinstance(data, list):
                self._lists_come = True
                self.reads.want_in(None)
                self._update(data)
            case "UserDataChanged" if isinstance(data, dict):
                self._take_user_data(data)
            case "LibraryChanged" if isinstance(data, dict):
                if data.get("IsEmpty") is not True:
                    self.inbox.put(PushKind.LIBRARY_CHANGED)
            case "ForceKeepAlive" if isinstance(data, int) and 0 < data <= 3600:
                self._keep_alive_within(data)
            case "KeepAlive":
                pass
            case "Sessions" | "UserDataChanged" | "LibraryChanged" | "ForceKeepAlive":
                self.inbox.drop("a message without what it should tell")
            case _:
                self.inbox.drop("a message of another kind")

    @override
    async def read(self) -> None:
        """Read the sessions, and tell by them whether changed user data mean a stop, a start or a mark."""
        if not self._checked:
            await self._check()
            self._checked = True
        changed, self._changed = self._changed, {}
        answer = await self._connection.get("/Sessions", limits=LIMITS_OF_SESSIONS)
        self._skew_ms = answer.skew_ms
        known, before = self._reporting(), self._items()
        self._update(answer.body)
        after = self._items()
        if not self._lists_come and self._reporting() - known:
            self.reads.want_in(REPORT_SECONDS)
        self._started -= changed.keys()
        for item_id, data in changed.items():
            if item_id in before and item_id not in after:
                self.inbox.put(PushKind.STOPPED, item_id, data.position_ms, data.at)
            elif item_id in before or item_id not in after:
                self.inbox.put(PushKind.MARKED, item_id, data.position_ms, data.at)

    @override
    async def refusal(self, error: MediaServerError) -> MediaServerError:
        """Return the error for a refused connection: Jellyfin answers 403 to a bad token too, so it is tried."""
        if isinstance(error, NotAllowed):
            try:
                await self._connection.get("/Sessions", limits=LIMITS_OF_SESSIONS)
            except MediaServerError as err:
                return err
        return error

    def _keep_alive_within(self, seconds: int) -> None:
        """Send `KeepAlive` twice in that time, the first at once, and give up after that time without any message."""
        if self.keep_alive is None or seconds < self.silence_seconds:
            self.keep_alive = json.dumps({"MessageType": "KeepAlive"})
            self.interval_seconds, self.silence_seconds = seconds / 2, float(seconds)
            self.hurry.set()

    def _items(self) -> set[str]:
        """Return what the user's sessions play or have paused."""
        return {each.item_ids[0] for each in (self._playing or {}).values()}

    def _reporting(self) -> set[tuple[str, str]]:
        """Return the sessions that play, with their items, where the server tells when a player reports."""
        playing = (each for each in (self._playing or {}).values() if each.activity is Activity.PLAYING)
        return {(each.session_id, each.item_ids[0]) for each in playing if each.reported_at is not None}

    def _update(self, body: object) -> None:
        """Compare a list of sessions with the one before; the first list causes no event."""
        now = self.inbox.now()
        read = SessionRead(open_sessions(body, self._user_id, self._item_id, now, self._skew_ms), now)
        playing = {each.session_id: each for each in read.sessions if each.item_ids}
        told, self.sessions = self.sessions, read
        before, self._playing = self._playing, playing
        if told is None or before is None:
            return
        if list(map(_report, told.sessions)) != list(map(_report, read.sessions)):
            self.inbox.put_sessions(lambda: read)
        for key in before.keys() | playing.keys():
            self._compare(before.get(key), playing.get(key))
        self._started &= self._items()

    def _compare(self, before: OpenSession | None, after: OpenSession | None) -> None:
        """Tell what changed in one session."""
        same = before is not None and after is not None and before.item_ids[0] == after.item_ids[0]
        if before is not None and not same:
            self.inbox.put(PushKind.STOPPED, before.item_ids[0], before.position_ms)
        if after is None or (same and before is not None and before.activity is after.activity):
            return
        item_id = after.item_ids[0]
        if not same:
            self._started.add(item_id)
        kind = PushKind.PAUSED if after.activity is Activity.PAUSED else PushKind.PLAYED
        self.inbox.put(kind, item_id, after.position_ms)

    def _take_user_data(self, data: Row) -> None:
        """Take changes of films and episodes; a row with `UnplayedItemCount` is a show, a season or a folder."""
        rows = data.get("UserDataList")
        if data.get("UserId") != self._user_id or not isinstance(rows, list):
            self.inbox.drop("user data of another user")
            return
        if len(rows) > MOST_IN_A_MESSAGE:
            self.look_at_all()
            return
        for row in rows:
            item_id = self._item(row.get("ItemId")) if isinstance(row, dict) else None
            if item_id is None:
                self.inbox.drop("user data without an item")
            elif "UnplayedItemCount" not in row:
                self._changed_to(item_id, position_of(row.get("PlaybackPositionTicks")))

    def _changed_to(self, item_id: str, position_ms: int | None) -> None:
        """Tell a mark, unless the change came with a start; without `Sessions` a read has to tell them apart."""
        if not self._lists_come and len(self._changed) < MOST_PENDING:
            self._changed[item_id] = _Changed(position_ms, self.inbox.now())
            self.reads.want()
        elif item_id in self._started:
            self._started.discard(item_id)
        else:
            self.inbox.put(PushKind.MARKED, item_id, position_ms)

    def _item(self, value: object) -> str | None:
        """Return the id of an item, None where it is none of this server's."""
        return value if isinstance(value, str) and self._item_id.fullmatch(value) else None


def _report(session: OpenSession) -> tuple[object, ...]:
    """Return what is new when a player has reported, or a play began or ended.

    The position is not where the server counts by itself; Emby, which does not tell when a player reports, shows one
    by the position alone.
    """
    position = session.position_ms if session.reported_at is None else None
    return session.session_id, session.item_ids, session.activity, session.reported_at, position
