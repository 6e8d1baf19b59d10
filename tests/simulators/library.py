"""Titles as they exist in the world, before any server gives them an id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

_FIRST = (
    "Amber Blue Broken Crimson Distant Electric Emerald Empty Endless Fallen Frozen Gentle Golden Hidden Hollow Iron "
    "Last Little Lonely Lost Midnight Northern Paper Pale Quiet Restless Second Secret Silent Silver Slow Stolen "
    "Sudden Summer Velvet Wandering Western White Wild Winter"
).split()
_SECOND = (
    "Anchor Archive Avenue Bridge Cathedral Circus Coast Compass Cypress Daughter Echo Empire Engine Ferry Garden "
    "Harbour Heist Horizon House Island Kingdom Lantern Letter Lighthouse Machine Meridian Mirror Mountain Orchard "
    "Parade Passage Promise Railway River Season Shore Station Tide Voyage Witness"
).split()
_TAIL = ("", "", "", " at Dawn", " of the North", " II", " Returns", " by Night", " in Autumn", ": The Beginning")


@dataclass(frozen=True, slots=True)
class Film:
    """A film. `key` names it across all simulated servers; `ids` maps `imdb`, `tmdb`, `tvdb` to values."""

    key: str
    title: str
    year: int | None
    duration_ms: int | None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of a show; season 0 holds the specials. `number_end`: the last episode that the same file holds.

    `aired` is the day of its first broadcast, such as `2014-03-01`; without it, servers tell a day of the show's year.
    """

    season: int
    number: int
    title: str
    duration_ms: int | None
    ids: Mapping[str, str] = field(default_factory=dict)
    number_end: int | None = None
    aired: str | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """A show with its episodes."""

    key: str
    title: str
    year: int | None
    ids: Mapping[str, str] = field(default_factory=dict)
    episodes: tuple[Episode, ...] = ()

    def episode_key(self, season: int, number: int) -> str:
        """Return the key under which `items_of` finds one episode."""
        return f"{self.key}/s{season:02}e{number:02}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Films and shows, the same for every server that is filled with them."""

    films: tuple[Film, ...]
    shows: tuple[Show, ...]


def _title(random: Random, used: set[str]) -> str:
    """Make up a title that is not yet taken."""
    while True:
        title = f"{random.choice(_FIRST)} {random.choice(_SECOND)}{random.choice(_TAIL)}"
        if title not in used:
            used.add(title)
            return title
        title = f"{title} {random.randrange(2, 999)}"
        if title not in used:
            used.add(title)
            return title


def _film(random: Random, index: int, used: set[str]) -> Film:
    """Make up a film; one in 50 has no ids, one in 10 lacks the IMDb id."""
    ids = {} if index % 50 == 49 else {"imdb": f"tt{1_000_000 + index * 37}", "tmdb": str(20_000 + index * 13)}
    if index % 10 == 7:
        ids.pop("imdb", None)
    year = random.randrange(1950, 2026)
    return Film(f"film-{index:04}", _title(random, used), year, random.randrange(75, 180) * 60_000, ids)


def _episodes(random: Random, show: int, count: int, *, minutes: int) -> tuple[Episode, ...]:
    """Make up seasons of ten episodes, with two specials where there is room; one show in five lacks episode ids."""
    specials = 2 if count >= 12 and show % 3 == 0 else 0
    numbered = [(0, number + 1) for number in range(specials)]
    numbered += [(index // 10 + 1, index % 10 + 1) for index in range(count - specials)]
    episodes = []
    for index, (season, number) in enumerate(numbered):
        ids = {} if show % 5 == 4 else {"tvdb": str(4_000_000 + show * 1000 + index)}
        if ids and index % 2 == 0:
            ids["imdb"] = f"tt{8_000_000 + show * 1000 + index}"
        duration = (minutes * 60 + random.randrange(-90, 90)) * 1000
        episodes.append(Episode(season, number, f"{random.choice(_FIRST)} {random.choice(_SECOND)}", duration, ids))
    return tuple(episodes)


def _show(random: Random, index: int, count: int, used: set[str]) -> Show:
    """Make up a show; one in 40 has no ids at all."""
    ids = {"tvdb": str(70_000 + index * 11), "imdb": f"tt{5_000_000 + index * 41}", "tmdb": str(1_000 + index * 7)}
    if index % 40 == 39:
        ids = {}
    minutes = random.choice((22, 25, 42, 45, 50, 60))
    title = _title(random, used)
    episodes = _episodes(random, index, count, minutes=minutes)
    return Show(f"show-{index:03}", title, random.randrange(1980, 2026), ids, episodes)


def catalogue(films: int = 500, shows: int = 60, episodes_per_show: int = 20, seed: int = 1) -> Catalogue:
    """Make up a library, the same one for the same arguments."""
    random = Random(seed)
    used: set[str] = set()
    return Catalogue(
        films=tuple(_film(random, index, used) for index in range(films)),
        shows=tuple(_show(random, index, episodes_per_show, used) for index in range(shows)),
    )
