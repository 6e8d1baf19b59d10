"""Items and user data as Jellyfin and Emby write them; what only one of them writes is in its own module."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.holdings import Entry, EntryKind, Holdings, Library, LibraryKind
from tests.simulators.state import StateStore, WatchState
from tests.simulators.users import User

from .values import hex_id, ticks

type Json = dict[str, Any]

TYPES = {
    EntryKind.FILM: "Movie",
    EntryKind.SHOW: "Series",
    EntryKind.SEASON: "Season",
    EntryKind.EPISODE: "Episode",
}
FOLDERS = frozenset({EntryKind.SHOW, EntryKind.SEASON})
_PROVIDERS = {"imdb": "Imdb", "tmdb": "Tmdb", "tvdb": "Tvdb"}


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What a request wants of each row. `fields` are lower case; `detail`: a single item, with everything."""

    fields: frozenset[str] = field(default_factory=frozenset)
    images: bool = True
    user_data: bool = True
    detail: bool = False

    def wants(self, name: str) -> bool:
        """Tell whether an optional field is to be in the row."""
        return self.detail or name.casefold() in self.fields


class ItemRows(ABC):
    """Writes the items of one server."""

    def __init__(self, server_id: str, holdings: Holdings, states: StateStore) -> None:
        """Write items of these holdings."""
        self.server_id = server_id
        self.holdings = holdings
        self.states = states

    @abstractmethod
    def date(self, epoch: float) -> str:
        """Return a date as this server writes it."""

    @abstractmethod
    def state(self, user: User, entry: Entry) -> WatchState:
        """Return the state that this server shows for an item."""

    @abstractmethod
    def media_source_id(self, entry: Entry) -> str:
        """Return the id of a version's media source."""

    @abstractmethod
    def own_fields(self, entry: Entry, options: RowOptions) -> Json:
        """Return what only this kind of server writes."""

    @abstractmethod
    def user_data(self, user: User, entry: Entry, options: RowOptions, state: WatchState | None = None) -> Json:
        """Return a user's data of an item; `state`: instead of what is stored."""

    def item(self, entry: Entry, user: User | None, options: RowOptions) -> Json:
        """Return an item."""
        row: Json = {"Name": entry.title, "ServerId": self.server_id, "Id": entry.item_id}
        if entry.duration_ms is not None:
            row["RunTimeTicks"] = ticks(entry.duration_ms)
        row["IsFolder"] = entry.kind in FOLDERS
        row["Type"] = TYPES[entry.kind]
        row |= self._numbers(entry) | self.own_fields(entry, options)
        if options.images:
            row["ImageTags"] = {"Primary": hex_id("image", entry.item_id)}
            row["BackdropImageTags"] = []
        row |= self._optional(entry, options)
        if options.user_data and user is not None:
            row["UserData"] = self.user_data(user, entry, options)
        return row

    def library(self, library: Library) -> Json:
        """Return a library as an item."""
        kind = "movies" if library.kind is LibraryKind.FILMS else "tvshows"
        return {
            "Name": library.name,
            "ServerId": self.server_id,
            "Id": library.library_id,
            "IsFolder": True,
            "Type": "CollectionFolder",
            "CollectionType": kind,
            "ImageTags": {"Primary": hex_id("image", library.library_id)},
            "BackdropImageTags": [],
            "UserData": {"PlaybackPositionTicks": 0, "PlayCount": 0, "IsFavorite": False, "Played": False},
        }

    def root(self) -> Json:
        """Return the folder of all libraries as an item."""
        row = {"Name": "Media Folders", "ServerId": self.server_id, "Id": "1" * 32, "IsFolder": True}
        return {**row, "Type": "UserRootFolder"}

    def plain_user_data(self, user: User, entry: Entry, state: WatchState) -> Json:
        """Return the part of user data that both servers write."""
        data: Json = {}
        if state.rating is not None:
            data["Rating"] = state.rating
        if state.position_ms and entry.duration_ms:
            data["PlayedPercentage"] = state.position_ms / entry.duration_ms * 100
        data["PlaybackPositionTicks"] = ticks(state.position_ms)
        data["PlayCount"] = state.play_count
        data["IsFavorite"] = state.favorite
        if state.last_played is not None:
            data["LastPlayedDate"] = self.date(state.last_played)
        data["Played"] = state.watched
        if entry.kind in FOLDERS:
            unplayed = sum(not self.state(user, episode).watched for episode in self.episodes(entry))
            data["UnplayedItemCount"] = unplayed
            data["Played"] = unplayed == 0
        return data

    def episodes(self, entry: Entry) -> Iterator[Entry]:
        """Return the episodes below an entry; a film or episode is its own."""
        if entry.kind not in FOLDERS:
            yield entry
        for child in entry.children:
            yield from self.episodes(self.holdings[child])

    def path(self, entry: Entry) -> str:
        """Return where the file lies."""
        return f"/media/{entry.library.name}/{entry.key}.mkv"

    def media_source(self, entry: Entry, *, first: bool) -> Json:
        """Return one version of a film or episode."""
        source: Json = {
            "Protocol": "File",
            "Id": self.media_source_id(entry),
            "Path": self.path(entry),
            "Type": "Default" if first else "Grouping",
            "Container": "mkv",
            "Size": 4_000_000_000,
            "Name": entry.key,
            "IsRemote": False,
            "MediaStreams": [],
            "Formats": [],
            "Bitrate": 6_000_000,
        }
        if entry.duration_ms is not None:
            source["RunTimeTicks"] = ticks(entry.duration_ms)
        return source

    def _numbers(self, entry: Entry) -> Json:
        """Return where an episode or season stands in its show."""
        row: Json = {}
        number = entry.number
        if number is not None:
            row["IndexNumber"] = number
        if entry.number_end is not None:
            row["IndexNumberEnd"] = entry.number_end
        if entry.season is not None:
            row["ParentIndexNumber"] = entry.season
        if entry.show_id is not None:
            row["SeriesName"] = self.holdings[entry.show_id].title
            row["SeriesId"] = entry.show_id
        if entry.season_id is not None:
            row["SeasonId"] = entry.season_id
            row["SeasonName"] = self.holdings[entry.season_id].title
        return row

    def _optional(self, entry: Entry, options: RowOptions) -> Json:
        """Return the fields that a list leaves out unless they are asked for."""
        row: Json = {}
        if options.wants("ProviderIds"):
            row["ProviderIds"] = {_PROVIDERS.get(name, name): value for name, value in entry.ids.items()}
        if options.wants("DateCreated"):
            row["DateCreated"] = self.date(entry.added_at)
        if options.wants("MediaSources") and entry.kind not in FOLDERS:
            versions = [self.holdings[version] for version in entry.versions]
            sources = [self.media_source(version, first=False) for version in versions]
            row["MediaSources"] = [self.media_source(entry, first=True), *sources]
        if options.wants("Path"):
            row["Path"] = self.path(entry)
        if options.wants("ParentId"):
            row["ParentId"] = entry.season_id or entry.show_id or entry.library.library_id
        if options.wants("SortName"):
            row["SortName"] = entry.title
        if options.wants("Etag"):
            row["Etag"] = hex_id("etag", entry.item_id, str(entry.changed_at))
        return row
