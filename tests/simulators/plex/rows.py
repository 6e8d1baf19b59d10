"""Items as rows of a Plex answer."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from tests.simulators.holdings import Entry, EntryKind, Library
from tests.simulators.state import WatchState

from .accounts import PlexUser
from .guids import has_guid_children
from .household import PlexHousehold
from .markup import Element, Value

_TYPES = {EntryKind.FILM: "movie", EntryKind.SHOW: "show", EntryKind.SEASON: "season", EntryKind.EPISODE: "episode"}
_SUMMARY = "Somebody wants something & finds it \u2013 late."
_GUID_SOURCES = ("imdb", "tmdb", "tvdb")


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of an item a row tells.

    `section`: name the library on the row; `whole`: everything that a details read brings; `guids`: external ids.
    `without_elements` and `without_fields` are what the client asked to leave out.
    """

    section: bool = False
    whole: bool = False
    guids: bool = False
    markers: bool = False
    without_elements: Container[str] = ()
    without_fields: Container[str] = ()


def section_uuid(server: PlexHousehold, library: Library) -> str:
    """Return the UUID of a library."""
    digits = f"{server.machine_id[:24]}{int(library.library_id):08x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def combined_state(server: PlexHousehold, user: PlexUser, entry: Entry) -> WatchState:
    """Return the state of an item; that of a show or season is made of its episodes'."""
    if entry.kind not in (EntryKind.SHOW, EntryKind.SEASON):
        return server.state_of(user, entry)
    states = [server.state_of(user, leaf) for leaf in server.leaves(entry)]
    dates = [state.last_played for state in states if state.last_played is not None]
    viewed = sum(state.play_count > 0 for state in states)
    return WatchState(
        watched=viewed == len(states), play_count=viewed, last_played=max(dates, default=None), position_ms=0
    )


def item_row(server: PlexHousehold, user: PlexUser, entry: Entry, detail: Detail) -> Element:
    """Return one item as a row."""
    leaf = entry.kind in (EntryKind.FILM, EntryKind.EPISODE)
    attributes = _attributes(server, user, entry, detail)
    if detail.without_fields:
        kept = ("ratingKey", "key", "type")
        attributes = {
            name: value for name, value in attributes.items() if name in kept or name not in detail.without_fields
        }
    children = [
        child for child in _children(server, entry, detail, leaf=leaf) if child.tag not in detail.without_elements
    ]
    return Element("Video" if leaf else "Directory", attributes, children, json_name="Metadata")


def _attributes(server: PlexHousehold, user: PlexUser, entry: Entry, detail: Detail) -> dict[str, Value]:
    """Return the attributes of a row in the order in which the server sends them."""
    key, changed = f"/library/metadata/{entry.item_id}", int(entry.changed_at)
    leaf = entry.kind in (EntryKind.FILM, EntryKind.EPISODE)
    state = combined_state(server, user, entry)
    found: dict[str, Value] = {"ratingKey": entry.item_id, "key": key if leaf else f"{key}/children"}
    found |= _parents(server, entry)
    found |= {
        "guid": server.guid(entry),
        "studio": "Example Pictures" if entry.kind in (EntryKind.FILM, EntryKind.SHOW) else None,
        "type": _TYPES[entry.kind],
        "subtype": "clip" if entry.kind is EntryKind.FILM and entry.library.agent.endswith(".none") else None,
        "title": entry.title,
        "titleSort": sort_title(entry.title) if sort_title(entry.title) != entry.title else None,
    }
    if detail.section:
        found |= {
            "librarySectionTitle": entry.library.name,
            "librarySectionID": int(entry.library.library_id),
            "librarySectionKey": f"/library/sections/{entry.library.library_id}",
        }
    found |= {
        "contentRating": "PG-13",
        "summary": _SUMMARY,
        "audienceRating": 7.1 if entry.kind in (EntryKind.FILM, EntryKind.SHOW) else None,
        "index": 1 if entry.kind is EntryKind.SHOW else entry.number,
    }
    found |= {
        "parentIndex": entry.season if entry.kind is EntryKind.EPISODE else None,
        "viewOffset": state.position_ms or None,
        "viewCount": state.play_count or None,
        "lastViewedAt": None if state.last_played is None else int(state.last_played),
        "year": entry.year,
        "thumb": f"{key}/thumb/{changed}",
        "art": f"/library/metadata/{entry.show_id or entry.item_id}/art/{changed}",
        "duration": entry.duration_ms,
        "originallyAvailableAt": entry.aired or (None if entry.year is None else f"{entry.year:04}-05-04"),
        "skipParent": True if entry.kind is EntryKind.EPISODE and entry.show_id in server.hidden_seasons else None,
    }
    if not leaf:
        leaves = server.leaves(entry)
        found |= {"leafCount": len(leaves), "viewedLeafCount": state.play_count, "childCount": len(entry.children)}
    found |= {"addedAt": int(entry.added_at), "updatedAt": changed, "deletedAt": server.trashed.get(entry.item_id)}
    return found


def _parents(server: PlexHousehold, entry: Entry) -> dict[str, Value]:
    """Return what a row tells of the show and season that it belongs to."""
    if entry.show_id is None:
        return {}
    show = server.holdings[entry.show_id]
    show_key = f"/library/metadata/{show.item_id}"
    if entry.kind is EntryKind.SEASON or entry.season_id is None:
        return {
            "parentRatingKey": show.item_id,
            "parentGuid": server.guid(show),
            "parentKey": show_key,
            "parentTitle": show.title,
        }
    season = server.holdings[entry.season_id]
    found: dict[str, Value] = {"grandparentRatingKey": show.item_id, "grandparentGuid": server.guid(show)}
    found |= {"grandparentKey": show_key, "grandparentTitle": show.title}
    found["grandparentThumb"] = f"{show_key}/thumb/{int(show.changed_at)}"
    if show.item_id not in server.hidden_seasons:
        found |= {"parentRatingKey": season.item_id, "parentKey": f"/library/metadata/{season.item_id}"}
        found |= {"parentGuid": server.guid(season), "parentTitle": season.title}
    return found


def _children(server: PlexHousehold, entry: Entry, detail: Detail, *, leaf: bool) -> Iterable[Element]:
    """Yield what stands inside a row."""
    if leaf:
        yield from (
            _media(entry, server.holdings[version], number, detail)
            for number, version in enumerate((entry.item_id, *entry.versions))
        )
    if entry.kind in (EntryKind.FILM, EntryKind.SHOW):
        yield from (Element("Genre", {"tag": tag}) for tag in ("Drama", "Mystery"))
    if (detail.whole or detail.guids) and has_guid_children(entry, server.guid(entry)):
        for source in _GUID_SOURCES:
            if value := entry.ids.get(source):
                yield Element("Guid", {"id": f"{source}://{value}"})
    if detail.whole:
        yield Element("Role", {"id": 5, "filter": "actor=5", "tag": "A. N. Actor", "role": "Somebody"})
    if detail.markers:
        for number, marker in enumerate(server.markers.get(entry.item_id, ()), 1):
            yield Element(
                "Marker",
                {
                    "id": int(entry.item_id) * 10 + number,
                    "type": marker.kind,
                    "startTimeOffset": marker.start_ms,
                    "endTimeOffset": marker.end_ms,
                    "final": marker.final or None,
                },
            )


def _media(entry: Entry, version: Entry, number: int, detail: Detail) -> Element:
    """Return one version of an item with its file."""
    quality = "1080" if number == 0 else "4k"
    media_id = int(entry.item_id) * 10 + number
    stream: dict[str, Value] = {
        "id": media_id * 10,
        "streamType": 1,
        "default": True,
        "codec": "h264",
        "index": 0,
        "bitrate": 5900,
        "displayTitle": "1080p (H.264)",
    }
    part: dict[str, Value] = {
        "id": media_id,
        "key": f"/library/parts/{media_id}/{int(entry.added_at)}/file.mkv",
        "duration": version.duration_ms,
        "file": f"/data/{entry.library.name}/{entry.title}-{quality}.mkv",
        "size": 4_208_219_125,
        "container": "mkv",
        "videoProfile": "high",
    }
    media: dict[str, Value] = {
        "id": media_id,
        "duration": version.duration_ms,
        "bitrate": 6564,
        "width": 1920,
        "height": 800,
        "aspectRatio": 2.35,
        "audioChannels": 6,
        "audioCodec": "eac3",
        "videoCodec": "h264",
        "videoResolution": quality,
        "container": "mkv",
        "videoFrameRate": "24p",
        "videoProfile": "high",
    }
    return Element("Media", media, [Element("Part", part, [Element("Stream", stream)] if detail.whole else [])])


def sort_title(title: str) -> str:
    """Return a title as it is sorted: without its leading article."""
    for article in ("The ", "A ", "An "):
        if title.startswith(article):
            return title[len(article) :]
    return title
