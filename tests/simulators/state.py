"""What a server remembers of a user and an item, and the one place where that changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WatchState:
    """One user's state of one item. `last_played` is epoch seconds on the server's own clock.

    `hidden`: taken off "Continue watching" without losing the position, where a server can do that.
    """

    position_ms: int = 0
    watched: bool = False
    play_count: int = 0
    last_played: float | None = None
    favorite: bool = False
    rating: float | None = None
    hidden: bool = False


class Cause(StrEnum):
    """What changed a state; servers push some of these to their clients."""

    PLAY_START = "play_start"
    PLAY_PROGRESS = "play_progress"
    PLAY_STOP = "play_stop"
    MARK = "mark"
    SYNC = "sync"
    WRITE = "write"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change. `key` is what the server stores the state under, mostly the item id."""

    user_id: str
    key: str
    before: WatchState
    after: WatchState
    cause: Cause


_UNTOUCHED = WatchState()


class StateStore:
    """All users' states by key, with what is in progress kept at hand."""

    def __init__(self) -> None:
        """Start with no history."""
        self._states: defaultdict[str, dict[str, WatchState]] = defaultdict(dict)
        self._in_progress: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._listeners: list[Callable[[StateChange], None]] = []

    def on_change(self, listener: Callable[[StateChange], None]) -> None:
        """Call `listener` after each change, whatever caused it."""
        self._listeners.append(listener)

    def get(self, user_id: str, key: str) -> WatchState:
        """Return a user's state of an item; never played is a state too."""
        return self._states[user_id].get(key, _UNTOUCHED)

    def put(self, user_id: str, key: str, state: WatchState, cause: Cause) -> None:
        """Store a state and tell the listeners."""
        before = self.get(user_id, key)
        self._states[user_id][key] = state
        if state.position_ms:
            self._in_progress[user_id][key] = None
        else:
            self._in_progress[user_id].pop(key, None)
        for listener in self._listeners:
            listener(StateChange(user_id, key, before, state, cause))

    def in_progress(self, user_id: str) -> Iterable[str]:
        """Return the keys with a position other than 0."""
        return tuple(self._in_progress[user_id])

    def known(self, user_id: str) -> Iterable[str]:
        """Return every key that this user ever touched."""
        return tuple(self._states[user_id])

    def move(self, old_key: str, new_key: str) -> None:
        """Give all users' states of one key to another key, silently, as a library scan does."""
        for user_id, states in self._states.items():
            if (state := states.pop(old_key, None)) is None:
                continue
            self._in_progress[user_id].pop(old_key, None)
            states[new_key] = state
            if state.position_ms:
                self._in_progress[user_id][new_key] = None
