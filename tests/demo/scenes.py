"""What the demonstration's viewer left where, and where it should stand when every server has been told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from tests.simulators.library import Catalogue, Episode, Film, Show

SERVERS = ("Plex", "Jellyfin", "Emby")
MINUTE = 60_000
HOUR = 3600.0
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Left:
    """What one server holds: the position, and how many seconds ago the viewer left it there.

    `finished`: watched to the end then, so that the position is 0.
    """

    position_ms: int
    ago: float
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One title in progress.

    `story` says what is special about it. `expected_ms` is where it should stand after
    the sync on every server, but for those in `apart`, which keep what they have, with why.
    """

    key: str
    title: str
    duration_ms: int
    left: Mapping[str, Left]
    expected_ms: int
    story: str = ""
    apart: Mapping[str, str] = field(default_factory=dict)
    unmatched: bool = False


def film_title(film: Film) -> str:
    """Return how people call a film."""
    return f"{film.title} ({film.year})"


def episode_title(show: Show, episode: Episode) -> str:
    """Return how people call an episode."""
    return f"{show.title} S{episode.season}E{episode.number}"


class SceneWriter:
    """Takes titles out of a catalogue, each of them once."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        """Start with a catalogue of which nothing was seen."""
        self._random = Random(seed)
        self._films = iter([film for film in catalogue.films[20:] if len(film.ids) > 1])
        self._without_ids = iter([film for film in catalogue.films if not film.ids])
        self._episodes = self._some_episodes(catalogue)
        self._specials = (
            (show, episode) for show in catalogue.shows if show.ids for episode in show.episodes if episode.season == 0
        )

    @staticmethod
    def _some_episodes(catalogue: Catalogue) -> Iterator[tuple[Show, Episode]]:
        """Yield one episode of each show, from deeper in it for each."""
        for index, show in enumerate(catalogue.shows):
            numbered = [episode for episode in show.episodes if episode.season]
            if show.ids:
                yield show, numbered[index % len(numbered)]

    def film(self, story: str, left: Mapping[str, Left], expected_ms: int, *, ids: bool = True, **apart: str) -> Scene:
        """Return a scene of another film."""
        film = next(self._films if ids else self._without_ids)
        return Scene(
            film.key, film_title(film), film.duration_ms or 0, left, expected_ms, story, apart, unmatched=not ids
        )

    def special(self, story: str, left: Mapping[str, Left], expected_ms: int) -> Scene:
        """Return a scene of another special."""
        return replace(self._episode(*next(self._specials), left, expected_ms), story=story)

    def anything(self, server: str, number: int) -> Scene:
        """Return a scene of a film or an episode that was left on one server only."""
        if number % 2:
            show, episode = next(self._episodes)
            position = self._position(episode.duration_ms or 0)
            return self._episode(show, episode, self._one(server, position), position)
        film = next(self._films)
        position = self._position(film.duration_ms or 0)
        return Scene(film.key, film_title(film), film.duration_ms or 0, self._one(server, position), position)

    def _one(self, server: str, position_ms: int) -> Mapping[str, Left]:
        """Return a position on one server, left within the last three weeks."""
        return {server: Left(position_ms, self._random.uniform(3 * HOUR, 21 * DAY))}

    def _position(self, duration_ms: int) -> int:
        """Return a position somewhere in the middle, on a whole second."""
        return int(duration_ms * self._random.uniform(0.1, 0.8)) // 1000 * 1000

    @staticmethod
    def _episode(show: Show, episode: Episode, left: Mapping[str, Left], expected_ms: int) -> Scene:
        """Return a scene of an episode."""
        key = show.episode_key(episode.season, episode.number)
        return Scene(key, episode_title(show, episode), episode.duration_ms or 0, left, expected_ms)


def write_scenes(catalogue: Catalogue, *, per_server: int = 7, seed: int = 3) -> tuple[Scene, ...]:
    """Return the scripted scenes, and then a few titles that were left on one server each."""
    writer = SceneWriter(catalogue, seed)
    scripted = (
        writer.film(
            "conflict: left on all three, on Emby last",
            {
                "Plex": Left(40 * MINUTE, 3 * DAY),
                "Jellyfin": Left(65 * MINUTE, 8 * DAY),
                "Emby": Left(52 * MINUTE, 10 * HOUR),
            },
            52 * MINUTE,
        ),
        writer.film(
            "within ten seconds on Plex and Jellyfin already",
            {"Plex": Left(31 * MINUTE, 2 * DAY), "Jellyfin": Left(31 * MINUTE + 4000, 2 * DAY + HOUR)},
            31 * MINUTE,
        ),
        writer.film(
            "rewound on Plex yesterday, further on Jellyfin before",
            {"Plex": Left(12 * MINUTE, DAY), "Jellyfin": Left(58 * MINUTE, 6 * DAY)},
            12 * MINUTE,
        ),
        writer.film(
            "finished on Emby, left on Plex before that",
            {"Plex": Left(45 * MINUTE, 9 * DAY), "Emby": Left(0, 2 * DAY, finished=True)},
            45 * MINUTE,
            Emby="finished there later",
        ),
        writer.film(
            "no external ids",
            {"Jellyfin": Left(27 * MINUTE, DAY)},
            27 * MINUTE,
            ids=False,
            Plex="cannot be matched",
            Emby="cannot be matched",
        ),
        writer.special("a special, left on Emby only", {"Emby": Left(9 * MINUTE, 4 * DAY)}, 9 * MINUTE),
    )
    return scripted + tuple(writer.anything(server, number) for server in SERVERS for number in range(per_server))
