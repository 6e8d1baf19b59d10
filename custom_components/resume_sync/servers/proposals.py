"""Proposals for a title that ids could not resolve: the items of a server most like it, for a person to choose from.

Never for matching: titles repeat, and they are translated. Nothing here asks a server.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
import re
from typing import Final
import unicodedata

from ..sync.identity import same_number
from ..sync.model import Item, MediaKind

MOST: Final = 5
HITS: Final = 50

_LIKE: Final = 0.6
_CONTAINED: Final = 0.8
_SAME_MAIN_PART: Final = 0.75
_LONGEST: Final = 200
_YEARS_APART: Final = 1
_ARTICLES: Final = re.compile(r"^(?:the|an|a) (?=.)")
_SUBTITLE: Final = re.compile(r"\s*(?:[:(\[\u2013\u2014/]|\s-\s).*", re.DOTALL)


def search_terms(title: str) -> tuple[str, ...]:
    """Return up to two search terms, the better one first: the title, then its main part or else its longest word.

    `Alien: Covenant` is searched for as itself, then as `Alien`. Terms of a single character are left out.
    """
    title = title.strip()[:_LONGEST]
    main = _without_subtitle(title)
    longest = max(re.split(r"[\W_]+", title), key=len)
    terms = (title, main if main and main != title else longest)
    return tuple(dict.fromkeys(term for term in terms if len(term) >= 2))


def best_films(wanted: Item, candidates: Iterable[Item]) -> tuple[Item, ...]:
    """Return up to five films of a similar title, best first; a year that differs by more than one excludes a film."""
    ranked = [
        (_likeness(wanted.title, film.title), film)
        for film in _distinct(candidates)
        if film.kind is MediaKind.MOVIE and _years_apart(wanted, film) <= _YEARS_APART
    ]
    return _best(
        (like + _year_bonus(wanted, film) + _duration_bonus(wanted, film), film) for like, film in ranked if like
    )


def best_shows(wanted: Item, candidates: Iterable[Item]) -> tuple[Item, ...]:
    """Return the show whose title is most like an episode's `show_title`, and another one of the same title."""
    title = wanted.show_title or ""
    ranked = _best(
        (like, show)
        for show in _distinct(candidates)
        if show.kind is MediaKind.SHOW and (like := _likeness(title, show.title))
    )
    return tuple(show for show in ranked[:2] if _plain(show.title) == _plain(ranked[0].title))


def best_episodes(wanted: Item, candidates: Iterable[Item]) -> tuple[Item, ...]:
    """Return up to five episodes: those of the same season and number first, then those of a similar title.

    `candidates` are the episodes of the shows that `best_shows` returned.
    """
    ranked = []
    for episode in _distinct(candidates):
        numbered = same_number(wanted, episode)
        like = _likeness(wanted.title, episode.title)
        if episode.kind is MediaKind.EPISODE and (numbered or like):
            ranked.append((like + numbered + _duration_bonus(wanted, episode), episode))
    return _best(ranked)


def _best(ranked: Iterable[tuple[float, Item]]) -> tuple[Item, ...]:
    """Return the items with the highest marks, in a stable order."""
    return tuple(item for _, item in sorted(ranked, key=lambda pair: (-pair[0], pair[1].item_id))[:MOST])


def _distinct(candidates: Iterable[Item]) -> Iterable[Item]:
    """Return each item once."""
    return {item.item_id: item for item in candidates}.values()


def _without_subtitle(title: str) -> str:
    """Return the main part of a title, before a colon, a bracket or a dash."""
    return _SUBTITLE.sub("", title[:_LONGEST])


def _plain(title: str) -> str:
    """Return a title without accents, case, punctuation and a leading article."""
    decomposed = unicodedata.normalize("NFKD", title[:_LONGEST])
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
    return _ARTICLES.sub("", " ".join(re.split(r"[\W_]+", letters)).strip())


def _likeness(wanted: str, title: str) -> float:
    """Return the likeness of two titles, from 0.6 to 1, or 0.

    `Alien` is like `Alien: Covenant`, which begins with it, and that is like `Alien: Romulus`, which has the same main
    part.
    """
    mine, theirs = sorted((_plain(wanted), _plain(title)), key=len)
    if not mine:
        return 0.0
    ratio = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
    if f"{theirs} ".startswith(f"{mine} "):
        ratio = max(ratio, _CONTAINED)
    elif main_part := _plain(_without_subtitle(wanted)):
        ratio = max(ratio, _SAME_MAIN_PART * (main_part == _plain(_without_subtitle(title))))
    return ratio if ratio >= _LIKE else 0.0


def _years_apart(wanted: Item, item: Item) -> int:
    """Return how many years lie between two items, 0 where one is unknown."""
    return 0 if wanted.year is None or item.year is None else abs(wanted.year - item.year)


def _year_bonus(wanted: Item, item: Item) -> float:
    """Return the bonus of an item for the same year."""
    return 0.2 if wanted.year is not None and wanted.year == item.year else 0.0


def _duration_bonus(wanted: Item, item: Item) -> float:
    """Return from -0.4 to 0.2: a bonus for a similar duration, a malus where it differs by more than a tenth."""
    if not wanted.duration_ms or not item.duration_ms:
        return 0.0
    apart = abs(wanted.duration_ms - item.duration_ms) / max(wanted.duration_ms, item.duration_ms)
    return 0.2 - min(2 * apart, 0.6)
