"""Items, user data and sessions as Jellyfin writes them."""

from collections.abc import Callable
from dataclasses import replace
from typing import override

from tests.simulators.holdings import Entry, EntryKind, Holdings, Library
from tests.simulators.state import StateStore, WatchState
from tests.simulators.users import User

from .jellyfin_memory import JellyfinMemory
from .jellyfin_ways import Ways
from .rows import FOLDERS, ItemRows, Json, RowOptions
from .values import dashed, date_text

_NOBODY = "0" * 32
_LIKED = 6.5


class JellyfinRows(ItemRows):
    """Jellyfin's items. Where versions are apart, an item's state takes in those of its other versions."""

    def __init__(
        self,
        server_id: str,
        holdings: Holdings,
        states: StateStore,
        *,
        ways: Ways,
        memory: JellyfinMemory,
        empty: Callable[[Entry], bool],
    ) -> None:
        """Write items; `memory` may show other states than are stored, of `empty` shows nothing is known."""
        super().__init__(server_id, holdings, states)
        self._ways = ways
        self._by_ids = ways.shared_by_ids
        self._memory = memory
        self._empty = empty

    @override
    def date(self, epoch: float) -> str:
        return date_text(epoch, trimmed=True)

    @override
    def state(self, user: User, entry: Entry) -> WatchState:
        return self._merged(user, entry, self.stored(user, entry))

    def single(self, user: User, entry: Entry) -> WatchState:
        """Return the state that the item's own routes show."""
        return self._merged(user, entry, self._memory.single(user.user_id, entry, self.stored(user, entry)))

    def _merged(self, user: User, entry: Entry, own: WatchState) -> WatchState:
        """Return a state with what the item's other versions add to it."""
        if not self._ways.versions_apart or not entry.versions:
            return own
        others = [self.stored(user, self.holdings[version]) for version in entry.versions]
        played = own.last_played or 0
        finished_since = any(other.watched and (other.last_played or 0) > played for other in others)
        dates = [state.last_played for state in (own, *others) if state.last_played is not None]
        return replace(
            own,
            position_ms=0 if finished_since else own.position_ms,
            watched=own.watched or any(other.watched for other in others),
            last_played=max(dates, default=None),
        )

    def stored(self, user: User, entry: Entry) -> WatchState:
        """Return the state of one version by itself."""
        stored = self.states.get(user.user_id, self.data_key(entry) if self._by_ids else entry.item_id)
        return self._memory.shown(user.user_id, entry, stored)

    def data_key(self, entry: Entry) -> str:
        """Return the user data key: TMDB before IMDb for films, the show's and the numbers for episodes."""
        if entry.primary_id is not None and not self._by_ids:
            return dashed(entry.item_id)
        if entry.kind is EntryKind.EPISODE and entry.show_id is not None and (show := self.holdings.get(entry.show_id)):
            return f"{self.data_key(show)}{entry.season or 0:03}{entry.number or 0:03}"
        sources = ("tvdb", "imdb") if entry.kind is EntryKind.SHOW else ("tmdb", "imdb")
        found = next((entry.ids[source] for source in sources if entry.ids.get(source)), None)
        return found if found is not None and entry.kind is not EntryKind.SEASON else dashed(entry.item_id)

    @override
    def media_source_id(self, entry: Entry) -> str:
        return entry.item_id

    @override
    def own_fields(self, entry: Entry, options: RowOptions) -> Json:
        row: Json = {"LocationType": "FileSystem", "MediaType": "Unknown" if entry.kind in FOLDERS else "Video"}
        if entry.kind not in FOLDERS:
            row |= {"Container": "mkv", "VideoType": "VideoFile"}
        if entry.year is not None:
            row["ProductionYear"] = entry.year
            if entry.kind is EntryKind.FILM:
                row["PremiereDate"] = f"{entry.year:04}-05-01T00:00:00.0000000Z"
        if entry.aired is not None:
            row["PremiereDate"] = f"{entry.aired}T00:00:00.0000000Z"
        if options.images:
            row["ImageBlurHashes"] = {}
        return row

    @override
    def library(self, library: Library) -> Json:
        return super().library(library) | {"LocationType": "FileSystem", "MediaType": "Unknown"}

    @override
    def user_data(self, user: User, entry: Entry, options: RowOptions, state: WatchState | None = None) -> Json:
        shown = state or (self.single if options.detail else self.state)(user, entry)
        data = self.plain_user_data(user, entry, shown)
        if shown.rating is not None:
            data["Likes"] = shown.rating >= _LIKED
        show = self.holdings.get(entry.show_id or entry.item_id)
        if entry.kind in FOLDERS and show is not None and self._empty(show):
            data |= {"UnplayedItemCount": 0, "Played": True}
        return data | {"Key": self.data_key(entry), "ItemId": entry.item_id if self._ways.told_item_id else _NOBODY}
