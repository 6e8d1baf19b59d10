"""Typed ids out of Plex guids: external ids, `plex://` guids and those of the legacy agents."""

from collections.abc import Iterable
import re

from ...sync.identity import typed_id
from ...sync.model import MediaKind

# The numbers behind thetvdbdvdorder and the tvdb3..5 modes of hama count episodes in orders of their own: not matched.
_LEGACY = re.compile(
    r"com\.plexapp\.agents\.(imdb|themoviedb|thetvdb|hama|xbmcnfo|xbmcnfotv)://([^?/]+)(/\d+/\d+)?(?:[?/].*)?"
)
_HAMA = re.compile(r"(tvdb2?|anidb|tmdb|imdb)-(.+)")
_SOURCES = {
    "xbmcnfo": "imdb",
    "xbmcnfotv": "tvdb",
    "themoviedb": "tmdb",
    "thetvdb": "tvdb",
    "tvdb2": "tvdb",
}
_AGENTS_OF_NOTHING = ("com.plexapp.agents.none://", "tv.plex.agents.none://", "none://")
_GLOBAL = re.compile(r"plex://(movie|show|episode)/([0-9a-f]{24})")


def external_ids(kind: MediaKind, guids: Iterable[str]) -> frozenset[str]:
    """Return the typed ids of the `Guid` children of a row (`imdb://tt0111161`); unknown sources are left out."""
    found: set[str] = set()
    for guid in guids:
        source, separator, value = guid.partition("://")
        typed = typed_id(kind, source, value) if separator and source != "plex" else None
        if typed is not None:
            found.add(typed)
    return frozenset(found)


def own_ids(kind: MediaKind, guid: str) -> frozenset[str]:
    """Return the typed id in a row's own guid, if it names the film, show or episode itself.

    `local://`, `none://` and the guids of "none" agents name nothing; a legacy guid of an episode names only its show.
    """
    if (match := _GLOBAL.fullmatch(guid)) is not None:
        typed = typed_id(kind, "plex", match[2]) if match[1] == kind else None
    else:
        typed = None if kind is MediaKind.EPISODE else _legacy_id(kind, guid, numbered=False)
    return frozenset() if typed is None else frozenset({typed})


def show_ids(episode_guid: str, show_guid: str) -> frozenset[str]:
    """Return the ids of a show that an episode's row tells: from the show's guid, and from a legacy episode guid."""
    legacy = _legacy_id(MediaKind.SHOW, episode_guid, numbered=True)
    return own_ids(MediaKind.SHOW, show_guid) | (frozenset() if legacy is None else frozenset({legacy}))


def without_agent(guid: str) -> bool:
    """Tell whether a guid is of a library whose agent identifies nothing: home videos."""
    return guid.startswith(_AGENTS_OF_NOTHING)


def global_guid(typed: str) -> str | None:
    """Return the guid of a typed id (`episode:plex:…`) that a server can look up; None for ids of other sources."""
    kind, source, value = typed.split(":", 2)
    return f"plex://{kind}/{value}" if source == "plex" else None


def _legacy_id(kind: MediaKind, guid: str, *, numbered: bool) -> str | None:
    """Return the id in a legacy agent's guid (`com.plexapp.agents.thetvdb://121361/1/2?lang=en`).

    `numbered`: whether season and episode have to follow.
    """
    match = _LEGACY.fullmatch(guid)
    if match is None or (match[3] is not None) is not numbered:
        return None
    source, value = match[1], match[2]
    if source == "hama":
        prefixed = _HAMA.fullmatch(value)
        if prefixed is None:
            return None
        source, value = prefixed[1], prefixed[2]
    return typed_id(kind, _SOURCES.get(source, source), value)
