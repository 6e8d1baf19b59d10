"""The small library that all servers of a household have, and who watches there."""

from tests.households.media_servers import MINUTE
from tests.simulators.library import Catalogue, Episode, Film, Show

START = 1_790_000_000.0
USERS = ("anna", "ben")

SHELF = tuple(f"shelf {number}" for number in range(1, 10))
"""Films that nothing happens to unless a family of schedules fills a shelf with them."""

CATALOGUE = Catalogue(
    (
        Film("long", "The Long One", 1999, 150 * MINUTE, {"imdb": "tt1111111", "tmdb": "111"}),
        Film("film", "The Film", 2007, 100 * MINUTE, {"imdb": "tt2222222"}),
        *(
            Film(name, name.title(), 1980 + number, 90 * MINUTE, {"imdb": f"tt44444{number:02}"})
            for number, name in enumerate(SHELF, 1)
        ),
    ),
    (
        Show(
            "show",
            "The Show",
            2015,
            {"tvdb": "333", "imdb": "tt3333333"},
            (Episode(0, 1, "Special", 50 * MINUTE), Episode(1, 1, "Pilot", 44 * MINUTE, {"tvdb": "3331"})),
        ),
    ),
)
TITLES = ("long", "film", "show/s00e01", "show/s01e01")
