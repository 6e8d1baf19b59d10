"""What Jellyfin and Emby have in common, apart from their routes: accounts, ids, playback, answers."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.faults import EmptyList, WrongTotal
from tests.simulators.handed_out import secret
from tests.simulators.holdings import Entry, EntryKind, LibraryChange
from tests.simulators.playback import PlaySession
from tests.simulators.routes import Call, Handler
from tests.simulators.server import SimulatedServer
from tests.simulators.state import Cause, WatchState

from .accounts import Accounts, Client, MediaBrowserUser, Token
from .listing import ListQuery
from .rows import ItemRows, Json
from .scan import MediaScan
from .thresholds import ResumeLimits, marked_unwatched, marked_watched, reported, started
from .values import Refusal, Refused, hex_id

type AccountHandler = Callable[[Call, Token], web.StreamResponse]


_BOOT_ANSWERS = 6
"""So many questions are asked in vain after a restart: half of them of a server before it, where there is one."""


class Boot(StrEnum):
    """How far a server is that starts: not yet itself, or itself and not ready."""

    EARLY = "early"
    LATE = "late"


class MissingParent(StrEnum):
    """What a server answers of an item that is not there: no rows, all rows, or a refusal, as Jellyfin does."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    REFUSED = "refused"


class MediaBrowserServer(SimulatedServer[MediaBrowserUser]):
    """A server of the MediaBrowser family. `states_by_ids`: copies that share a provider id share their states.

    `replaced_keeps`: a file that comes back under another id keeps its data.
    `start_unmarks`: a start takes the watched mark of a film or episode.
    `missing_parent` is its answer to whoever asks for what is below an item that is not there for them.
    """

    rows: ItemRows
    states_by_ids = False
    start_unmarks = True
    replaced_keeps = True
    missing_parent = MissingParent.NOTHING

    def __init__(self, *, name: str, version: str, clock: SimulatedClock | None, base_path: str) -> None:
        """Make a server without users and items."""
        super().__init__(name=name, version=version, clock=clock, base_path=base_path)
        self.server_id = hex_id("server", type(self).__name__, name)
        self.accounts = Accounts(self.users)
        self._by_data_key: dict[str, dict[str, None]] = {}
        self._data_keys: dict[str, str] = {}
        self._gone: dict[str, str] = {}
        self.set_up = True
        self._boot_answers = 0
        self.scanner = MediaScan(self, self.show_taken_in)
        self.holdings.on_change(self._library_changed)

    @abstractmethod
    def refusal(self, error: Refused) -> web.Response:
        """Say no in this server's words."""

    @abstractmethod
    def client_of(self, call: Call) -> Client:
        """Read who calls."""

    @abstractmethod
    def parse_user_id(self, text: str) -> str:
        """Return a user id in one spelling; raises Refused where it is none."""

    @abstractmethod
    def parse_item_id(self, text: str, field: str = "itemId") -> str:
        """Return an item id in one spelling; raises Refused where it is none."""

    @abstractmethod
    def limits(self, entry: Entry) -> ResumeLimits:
        """Return which positions of an item playback reports can leave."""

    @abstractmethod
    def data_key(self, entry: Entry) -> str:
        """Return the key made of provider ids under which user data outlive the item."""

    @abstractmethod
    def resumable(self, user: MediaBrowserUser, query: ListQuery, *, resume_route: bool) -> Iterable[Entry]:
        """Return what is in progress for a user, before the query's other conditions."""

    @abstractmethod
    def session_row(self, token: Token | None, session: PlaySession | None) -> Json:
        """Return the session of a device, idle or playing."""

    def stamp(self, at: float) -> float:
        """Return a time as this server stores it."""
        return at

    def show_taken_in(self, show_id: str) -> None:
        """Note a show that a scan has found."""

    def scan(self) -> None:
        """Look through the folders of all libraries."""
        self.scanner.run()

    def restart(self) -> None:
        """Start anew: what plays is forgotten."""
        for session in tuple(self.timeline.sessions):
            self.timeline.end(session, session.position_ms)
        self.starting, self._boot_answers = True, _BOOT_ANSWERS

    def booting(self, call: Call) -> Boot:
        """Count an answer while the server starts after a restart, and tell how far it is."""
        left = self._boot_answers
        if left:
            self._boot_answers -= 1
            self.starting = left > 1
        return Boot.LATE if 0 < left <= _BOOT_ANSWERS // 2 else Boot.EARLY

    def disable(self, user_name: str, *, disabled: bool = True) -> None:
        """Lock a user out, or let them in again: with new tokens, the old ones are gone."""
        user = self.users[user_name]
        user.disabled = disabled
        if disabled:
            self.accounts.sign_out(user)

    def stored_on(self, session: PlaySession) -> Entry | None:
        """Return the item that a session's progress is stored on; None: it is gone."""
        return self.holdings.get(session.item_id)

    def add_user(self, name: str, password: str = "", *, admin: bool = False) -> MediaBrowserUser:
        """Add a user, who sees all libraries."""
        user = MediaBrowserUser(name, hex_id("user", self.server_id, name), secret(password), admin)
        self.users[name] = user
        return user

    def add_api_key(self, app: str = "Resume Sync") -> str:
        """Make an API key as an administrator does in the dashboard."""
        return self.accounts.add_api_key(app, self.now())

    def add_token(self, user_name: str, device_id: str = "test") -> str:
        """Sign a user in without a request."""
        client = Client("Resume Sync", "Home Assistant", device_id, "1.0.0")
        return self.accounts.sign_in(self.users[user_name], client, self.now()).value

    @override
    def new_library_id(self, name: str) -> str:
        return self.new_item_id(EntryKind.SHOW, f"libraries/{name}")

    def guarded(self, handler: AccountHandler, *, admin: bool = False, any_hour: bool = False) -> Handler:
        """Make a route's handler that asks for a token; `any_hour`: parental schedules do not apply."""

        async def answer(call: Call) -> web.StreamResponse:
            try:
                token = self.authenticate(call, any_hour=any_hour)
                if admin and not token.admin:
                    raise Refused(Refusal.FORBIDDEN)  # noqa: TRY301
                return handler(call, token)
            except Refused as error:
                return self.refusal(error)

        return answer

    def open(self, handler: Callable[[Call], web.StreamResponse]) -> Handler:
        """Make a route's handler that asks for no token."""

        async def answer(call: Call) -> web.StreamResponse:
            try:
                return handler(call)
            except Refused as error:
                return self.refusal(error)

        return answer

    def authenticate(self, call: Call, *, any_hour: bool = False) -> Token:
        """Return the token of a request; raises Refused."""
        token = self.accounts.tokens.get(self.client_of(call).token)
        if token is None or (token.user is not None and token.user.disabled):
            raise Refused(Refusal.UNAUTHORIZED)
        if token.user is not None and token.user.outside_schedule and not any_hour:
            raise Refused(Refusal.FORBIDDEN)
        token.last_activity = self.now()
        return token

    @override
    def revoke(self, call: Call) -> None:
        self.accounts.tokens.pop(self.client_of(call).token, None)

    @override
    def unknown_path(self, call: Call) -> web.StreamResponse:
        known = call.route.partition(" ")[2] != "*"
        return self.refusal(Refused(Refusal.WRONG_METHOD if known else Refusal.UNKNOWN_PATH))

    def json(self, data: object, status: int = 200) -> web.Response:
        """Answer with JSON."""
        return web.json_response(data, status=status)

    def page(self, call: Call, rows: Sequence[Any], total: int, start: int) -> web.Response:
        """Answer with a page of a listing, unless a fault spoils it."""
        if call.fault(EmptyList) is not None:
            rows, total = (), 0
        if wrong := call.fault(WrongTotal):
            total = wrong.total
        return self.json({"Items": list(rows), "TotalRecordCount": total} | self.page_fields(start))

    def page_fields(self, start: int) -> Json:
        """Return what else this server writes around a page."""
        return {}

    def acting_user(self, token: Token, text: str) -> MediaBrowserUser | None:
        """Return the user that a request names or is from; None: an API key that names nobody. Raises Refused."""
        if not text:
            return token.user
        user = self.accounts.user_by_id(self.parse_user_id(text))
        if not token.admin and user is not token.user:
            raise Refused(Refusal.OTHER_USER)
        if user is None:
            raise Refused(Refusal.UNKNOWN_USER)
        return user

    def required_user(self, token: Token, text: str) -> MediaBrowserUser:
        """Return the user that a request is for; raises Refused where there is none."""
        user = self.acting_user(token, text)
        if user is None:
            raise Refused(Refusal.UNKNOWN_USER)
        return user

    def visible(self, user: MediaBrowserUser | None, text: str) -> Entry:
        """Return an item that a user may see; raises Refused."""
        entry = self.holdings.get(self.parse_item_id(text))
        if entry is None or (not self.can_see(user, entry) if user else not entry.library.mounted):
            raise Refused(Refusal.UNKNOWN_ITEM)
        return entry

    @override
    def state_key(self, entry: Entry) -> str:
        return self.data_key(entry) if self.states_by_ids else entry.item_id

    @override
    def entries_of_state(self, key: str) -> list[Entry]:
        if not self.states_by_ids:
            return super().entries_of_state(key)
        return [self.holdings[item_id] for item_id in self._by_data_key.get(key, ())]

    def _library_changed(self, change: LibraryChange) -> None:
        """Keep the data keys, and give an item that came back the states of the one that went."""
        item_id = change.entry.item_id
        known = self._data_keys.pop(item_id, None)
        if known is not None:
            self._by_data_key[known].pop(item_id)
        if change.removed:
            if known is not None:
                self._gone[known] = item_id
            return
        key = self.data_key(change.entry)
        self._data_keys[item_id] = key
        self._by_data_key.setdefault(key, {})[item_id] = None
        if self.states_by_ids:
            if known is not None and known != key and not self._by_data_key[known]:
                self.states.move(known, key)
        elif change.updated:
            self.changed(change.entry, key_changed=known != key)
        elif (gone := self._gone.pop(key, None)) is not None and self.replaced_keeps:
            self.states.move(gone, item_id)

    def changed(self, entry: Entry, *, key_changed: bool) -> None:
        """Take note of an item whose metadata a scan has changed."""

    def in_list(self, user: MediaBrowserUser, entry: Entry) -> WatchState:
        """Return the state that lists show, which may be another one than the item's own."""
        return self.rows.state(user, entry)

    def counts_as_resumable(self, user: MediaBrowserUser, entry: Entry) -> bool:
        """Tell whether a list of what is in progress takes an item in."""
        return self.in_list(user, entry).position_ms > 0

    def one_of_each(self, entries: list[Entry]) -> list[Entry]:
        """Leave out of a list what the server takes for the same."""
        return entries

    def sees_in(self, user: MediaBrowserUser, entry: Entry, query: ListQuery, *, resume_route: bool) -> bool:
        """Tell whether a list has an item for a user, whatever else it asks for."""
        return self.can_see(user, entry)

    def episodes_of(self, user: MediaBrowserUser | None, show: Entry) -> list[Entry]:
        """Return the episodes of a show as its own route lists them; raises Refused."""
        if user is not None and not self.can_see(user, show):
            raise Refused(Refusal.UNKNOWN_SERIES)
        return list(self.rows.episodes(show))

    def is_empty(self, show: Entry) -> bool:
        """Tell whether the server does not know yet what is in a show."""
        return False

    @override
    def on_play_start(self, session: PlaySession, at: float) -> None:
        self._played(
            session, lambda state, _: started(state, self.stamp(at), unmarks=self.start_unmarks), Cause.PLAY_START
        )

    @override
    def on_play_progress(self, session: PlaySession, at: float) -> None:
        self._played(session, lambda state, entry: self._reported(session, state, entry), Cause.PLAY_PROGRESS)

    @override
    def on_play_stop(self, session: PlaySession, at: float) -> None:
        self._played(session, lambda state, entry: self._reported(session, state, entry), Cause.PLAY_STOP)

    def _reported(self, session: PlaySession, state: WatchState, entry: Entry) -> WatchState:
        """Return what a report makes of a state."""
        return reported(state, session.position_ms, entry.duration_ms, self.limits(entry))

    def _played(self, session: PlaySession, change: Callable[[WatchState, Entry], WatchState], cause: Cause) -> None:
        """Store what playback does, for everybody who watches."""
        entry = self.stored_on(session)
        if entry is None:
            return
        for user in self.watching(session):
            self.store(user.user_id, entry, change(self.of_player(session, user, entry), entry), cause)

    def watching(self, session: PlaySession) -> list[MediaBrowserUser]:
        """Return who watches: the user who is signed in, and guests."""
        found = map(self.accounts.user_by_id, (session.user_id, *session.guests))
        return [user for user in found if user is not None]

    def invite(self, session: PlaySession, user_name: str) -> None:
        """Let another user watch too: what is played counts for both."""
        session.guests = (*session.guests, self.users[user_name].user_id)

    @override
    def session_id_of(self, session: PlaySession) -> str:
        """Return the id of a device's session, as long as nothing plays there."""
        device = hex_id("session", session.user_id, session.device_name)
        busy = any(other.session_id == device for other in self.timeline.sessions)
        return session.session_id if busy else device

    def of_player(self, session: PlaySession, user: MediaBrowserUser, entry: Entry) -> WatchState:
        """Return the state that a player's report is merged into."""
        return self.state_of(user, entry)

    @override
    def clear(self, user_name: str, item_id: str) -> None:
        """Mark as unwatched: neither server's own apps have another way to end a title, with nothing left of it."""
        self.mark(user_name, item_id, watched=False)

    @override
    def mark(self, user_name: str, item_id: str, *, watched: bool) -> None:
        self.settle()
        for entry in self.rows.episodes(self.holdings[item_id]):
            state = self.state_of(self.users[user_name], entry)
            marked = self.marked(state, None) if watched else marked_unwatched(state)
            self.store(self.users[user_name].user_id, entry, marked, Cause.MARK)

    def marked(self, state: WatchState, date_played: float | None) -> WatchState:
        """Return a state as it is after marking as watched."""
        return marked_watched(state, self.stamp(self.now()), date_played, count_dated=True)
