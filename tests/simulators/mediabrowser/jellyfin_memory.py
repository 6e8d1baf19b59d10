"""What a Jellyfin keeps of users' data beside the table: copies in memory, and rows under keys that items once had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tests.simulators.holdings import Entry
from tests.simulators.playback import PlaySession
from tests.simulators.state import StateStore, WatchState

from .jellyfin_ways import Ways


@dataclass(frozen=True, slots=True)
class _Copy:
    """A second copy of a user's data of an item; these sessions began before there was one, and know the first."""

    state: WatchState
    sessions: tuple[PlaySession, ...]


class JellyfinMemory:
    """Copies and old rows, by user and item.

    Up to 10.10 everything that was once read stays as it was read, unless it is written through the same item. From 12
    on an item that a scan changes while it is played has two copies: the player writes to one and to the table, the
    other answers for the single item and is what a write is merged into.
    """

    def __init__(self, ways: Ways, states: StateStore) -> None:
        """Keep nothing."""
        self._ways = ways
        self._states = states
        self._read: dict[tuple[str, str], WatchState] = {}
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._old: dict[tuple[str, str], WatchState] = {}

    def shown(self, user_id: str, entry: Entry, stored: WatchState) -> WatchState:
        """Return what a list shows where the table has `stored`."""
        if not self._ways.shared_by_ids:
            return stored
        return self._read.setdefault((user_id, entry.item_id), stored)

    def single(self, user_id: str, entry: Entry, stored: WatchState) -> WatchState:
        """Return what the item's own routes show, and what writes are merged into."""
        copy = self._copies.get((user_id, entry.item_id))
        return self.shown(user_id, entry, stored) if copy is None else copy.state

    def of_player(self, session: PlaySession, user_id: str, entry: Entry, stored: WatchState) -> WatchState:
        """Return what a player's report is merged into."""
        copy = self._copies.get((user_id, entry.item_id))
        if copy is not None and session in copy.sessions:
            return stored
        return self.single(user_id, entry, stored)

    def written(self, user_id: str, entry: Entry, state: WatchState, session: PlaySession | None = None) -> None:
        """Note a write through an item: afterwards its copy is like the table, unless a player still has the first."""
        key = (user_id, entry.item_id)
        if key in self._read:
            self._read[key] = state
        copy = self._copies.get(key)
        if copy is not None and (session is None or session not in copy.sessions):
            del self._copies[key]

    def scanned(self, entry: Entry, sessions: Iterable[PlaySession], stored: Mapping[str, WatchState]) -> None:
        """Note that a scan changed an item; `stored` is the table by user."""
        if not self._ways.stale_copies:
            return
        playing = tuple(session for session in sessions if entry.item_id in (session.item_id, session.version_id))
        for user_id, state in stored.items():
            own = tuple(session for session in playing if session.user_id == user_id)
            if own:
                self._copies[user_id, entry.item_id] = _Copy(state, own)
            else:
                self._copies.pop((user_id, entry.item_id), None)

    def keys_changed(self, entry: Entry, stored: Mapping[str, WatchState]) -> None:
        """Keep the rows that lie under a key which an item has no more."""
        for user_id, state in stored.items():
            self._old[user_id, entry.item_id] = state

    def left_behind(self, user_id: str, entry: Entry) -> bool:
        """Tell whether an old row keeps a title on the list of what is in progress."""
        old = self._old.get((user_id, entry.item_id))
        return self._ways.ghosts and old is not None and old.position_ms > 0

    def ghosts(self, user_id: str) -> list[str]:
        """Return the ids of a user's items that old rows keep on that list."""
        return [
            item_id
            for (owner, item_id), old in self._old.items()
            if self._ways.ghosts and owner == user_id and old.position_ms
        ]

    def restarted(self) -> dict[tuple[str, str], WatchState]:
        """Forget every copy, and return the old rows that are read from now on."""
        self._read.clear()
        self._copies.clear()
        return dict(self._old) if self._ways.old_keys else {}


def finished_elsewhere(state: WatchState) -> WatchState:
    """Return what a version becomes when another one was watched: the mark, and no position."""
    return replace(state, watched=True, position_ms=0)
