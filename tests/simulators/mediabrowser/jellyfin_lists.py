"""What lists of a Jellyfin have in them: what is in progress, what a user may see, what it takes for one show."""

from collections.abc import Iterable
from typing import override

from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.users import User

from .accounts import MediaBrowserUser
from .jellyfin_memory import JellyfinMemory
from .jellyfin_ways import Ways
from .listing import ListQuery
from .server import MediaBrowserServer
from .values import Refusal, Refused


class JellyfinLists(MediaBrowserServer):
    """The lists of a Jellyfin. `empty_shows` were scanned once, and it does not know yet what is in them."""

    ways: Ways
    memory: JellyfinMemory
    empty_shows: set[str]

    @override
    def show_taken_in(self, show_id: str) -> None:
        if self.ways.new_shows_empty and self.holdings[show_id].ids:
            self.empty_shows.add(show_id)

    @override
    def scan(self) -> None:
        self.empty_shows.clear()
        super().scan()

    @override
    def is_empty(self, show: Entry) -> bool:
        return show.item_id in self.empty_shows

    @override
    def can_see(self, user: User, entry: Entry) -> bool:
        # A scan leaves the rows of a folder that is out of reach or empty.
        return user.may_see(entry.library)

    @override
    def sees_in(self, user: MediaBrowserUser, entry: Entry, query: ListQuery, *, resume_route: bool) -> bool:
        if query.ids is not None or self.can_see(user, entry):
            return True
        if resume_route:
            return self.ways.withdrawn_resume and bool(query.parent_id)
        return query.parent_id not in ("", entry.library.library_id)

    @override
    def counts_as_resumable(self, user: MediaBrowserUser, entry: Entry) -> bool:
        if self.ways.shared_by_ids:
            return self.states.get(user.user_id, self.state_key(entry)).position_ms > 0
        return super().counts_as_resumable(user, entry) or self.memory.left_behind(user.user_id, entry)

    @override
    def one_of_each(self, entries: list[Entry]) -> list[Entry]:
        shown: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            if entry.kind is EntryKind.SHOW:
                key = (entry.library.library_id, self.data_key(entry))
                shown[key] = entry if self.ways.splits_last else shown.get(key, entry)
        kept = {entry.item_id for entry in shown.values()}
        return [entry for entry in entries if entry.kind is not EntryKind.SHOW or entry.item_id in kept]

    @override
    def episodes_of(self, user: MediaBrowserUser | None, show: Entry) -> list[Entry]:
        if user is not None and not self.can_see(user, show) and not self.ways.withdrawn_episodes:
            if self.ways.versions_apart:
                raise Refused(Refusal.UNKNOWN_SERIES)
            return []
        folders = [
            other
            for other in self.holdings.of_kinds((EntryKind.SHOW,))
            if other.library is show.library and self.data_key(other) == self.data_key(show)
        ]
        return [each for other in folders if not self.is_empty(other) for each in self.rows.episodes(other)]

    @override
    def resumable(self, user: MediaBrowserUser, query: ListQuery, *, resume_route: bool) -> Iterable[Entry]:
        entries = [entry for key in self.states.in_progress(user.user_id) for entry in self.entries_of_state(key)]
        if not self.ways.versions_apart:
            return [entry for entry in entries if entry.primary_id is None]
        if not resume_route:
            known = {entry.item_id for entry in entries}
            ghosts = (self.holdings.get(key) for key in self.memory.ghosts(user.user_id) if key not in known)
            return [*entries, *(entry for entry in ghosts if entry is not None), *self._partly_watched(user)]
        latest: dict[str, Entry] = {}
        for entry in entries:
            group = entry.primary_id or entry.item_id
            other = latest.get(group)
            if other is None or self._played_at(user, entry) > self._played_at(user, other):
                latest[group] = entry
        shown = [entry for entry in latest.values() if self.rows.state(user, entry).position_ms]
        return [*shown, *self._partly_watched(user)]

    def _played_at(self, user: MediaBrowserUser, entry: Entry) -> float:
        """Return when a version was last played."""
        return self.state_of(user, entry).last_played or 0

    def _partly_watched(self, user: MediaBrowserUser) -> list[Entry]:
        """Return the shows and seasons of which some episodes were played: they count as in progress from 12 on."""
        touched = [self.holdings.get(key) for key in self.states.known(user.user_id)]
        folders = dict.fromkeys(
            folder
            for entry in touched
            if entry is not None and entry.kind is EntryKind.EPISODE
            for folder in (entry.season_id, entry.show_id)
            if folder is not None
        )
        partly = []
        for folder in folders:
            states = [self.state_of(user, episode) for episode in self.rows.episodes(self.holdings[folder])]
            begun = any(state.watched or state.position_ms for state in states)
            if begun and not all(state.watched for state in states):
                partly.append(self.holdings[folder])
        return partly
