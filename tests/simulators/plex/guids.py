"""The GUIDs that metadata agents give to items."""

from tests.simulators.holdings import Entry, EntryKind, LibraryKind

from .accounts import digest

MOVIE_AGENT = "tv.plex.agents.movie"
SERIES_AGENT = "tv.plex.agents.series"
LEGACY = "com.plexapp.agents."

_KINDS = {EntryKind.FILM: "movie", EntryKind.SHOW: "show", EntryKind.SEASON: "season", EntryKind.EPISODE: "episode"}
_LEGACY_SOURCES = {
    f"{LEGACY}imdb": ("imdb", "", "en"),
    f"{LEGACY}themoviedb": ("tmdb", "", "en"),
    f"{LEGACY}thetvdb": ("tvdb", "", "en"),
    f"{LEGACY}hama": ("tvdb", "tvdb-", "en"),
    f"{LEGACY}xbmcnfo": ("imdb", "", "xn"),
    f"{LEGACY}xbmcnfotv": ("tvdb", "", "xn"),
}


def default_agent(kind: LibraryKind) -> str:
    """Return the agent that new libraries get."""
    return MOVIE_AGENT if kind is LibraryKind.FILMS else SERIES_AGENT


def has_guid_children(entry: Entry, guid: str) -> bool:
    """Tell whether an item shows its external ids: matched ones of the current agents do, nothing else does."""
    return guid.startswith("plex://") and bool(entry.ids)


def unmatched_guid(entry: Entry) -> str:
    """Return the GUID of an item that no agent knows."""
    agent = entry.library.agent
    if agent.endswith(".none"):
        return f"{agent}://{digest(f'{entry.library.name} {entry.key}', 40)}?lang=xn"
    return f"local://{entry.item_id}"


def guid_of(entry: Entry, show: Entry | None) -> str:
    """Return an item's primary GUID; `show` is the show of a season or an episode.

    `plex://` GUIDs name a title on every server; a title without any id counts as not matched. An episode of a matched
    show is matched too, with or without ids of its own.
    """
    agent, top = entry.library.agent, show or entry
    if agent.endswith(".none") or not top.ids:
        return unmatched_guid(entry)
    if not agent.startswith(LEGACY):
        return f"plex://{_KINDS[entry.kind]}/{digest(f'{_KINDS[entry.kind]} {entry.key}', 24)}"
    source, prefix, language = _LEGACY_SOURCES[agent]
    value = top.ids.get(source)
    if value is None:
        return unmatched_guid(entry)
    path = f"{prefix}{value}"
    if entry.kind is EntryKind.SEASON:
        path += f"/{entry.number}"
    elif entry.kind is EntryKind.EPISODE:
        path += f"/{entry.season}/{entry.number}"
    return f"{agent}://{path}?lang={language}"
