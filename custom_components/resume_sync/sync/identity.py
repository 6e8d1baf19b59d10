"""Identity: items are copies of one title if their typed external ids agree. Names are never compared."""

from collections.abc import Iterable, Mapping
import re

from .model import Item, MediaKind

_EXTERNAL_ID = {
    "imdb": re.compile(r"tt\d{5,12}"),
    "tmdb": re.compile(r"[1-9]\d{0,11}"),
    "tvdb": re.compile(r"[1-9]\d{0,11}"),
    "anidb": re.compile(r"[1-9]\d{0,11}"),
    "tvmaze": re.compile(r"[1-9]\d{0,11}"),
    "plex": re.compile(r"[0-9a-f]{24}"),
}
_SOURCES = ("imdb", "tmdb", "tvdb", "plex", "anidb", "tvmaze")
_AIRED = f"{MediaKind.EPISODE}:aired:"
_DAYS_APART = 7


def typed_id(kind: MediaKind, source: str, value: str) -> str | None:
    """Return an external id as `kind:source:value` in one spelling, such as `movie:imdb:tt0111161`.

    None: the source is unknown, or the value is not one of its ids ("tmdb:0", a local id, a slug).
    """
    source = source.strip().casefold()
    value = value.strip().casefold()
    # Servers write one id in many ways: "Imdb", " TT0111161 ", "000278" with leading zeros. But a bare number is no
    # id of IMDb: servers have stored TMDB's number 150540 in its field, and tt150540 is another film.
    if source in ("tmdb", "tvdb", "anidb", "tvmaze"):
        value = value.lstrip("0")
    pattern = _EXTERNAL_ID.get(source)
    if pattern is None or pattern.fullmatch(value) is None:
        return None
    return f"{kind}:{source}:{value}"


def own_ids(item: Item) -> frozenset[str]:
    """Return the item's own ids. An episode's id that is also its show's id is left out."""
    if item.kind is not MediaKind.EPISODE:
        return item.ids
    # Wrongly tagged libraries give every episode the id of its show. All episodes would become one title.
    return frozenset(one for one in item.ids if f"{MediaKind.SHOW}:{one.partition(':')[2]}" not in item.show_ids)


def place_ids(item: Item) -> frozenset[str]:
    """Return an episode's place in its show as ids: show, season and number, as in `episode:tvdb-show:121361/1/3`.

    Empty for films, and for episodes whose season or number is unknown. Season 0 (specials) counts.
    """
    if item.kind is not MediaKind.EPISODE or item.season is None or item.episode is None:
        return frozenset()
    return frozenset(
        f"{MediaKind.EPISODE}:{source}-show:{value}/{item.season}/{item.episode}"
        for _, source, value in (one.split(":", 2) for one in item.show_ids)
    )


def search_keys(item: Item) -> frozenset[str]:
    """Return every id that an item is found by: its own ids and, for an episode, its place in the show."""
    return frozenset(key for key in own_ids(item) | place_ids(item) if not key.startswith(_AIRED))


def match_keys(item: Item) -> frozenset[str]:
    """Return all that tells whether two items are one title: their `search_keys`, and when an episode first aired.

    The day is told only with a place, as in `episode:aired:735293`: that is what it may contradict.
    """
    keys, places = own_ids(item), place_ids(item)
    return keys | places | {f"{_AIRED}{item.aired}"} if places and item.aired is not None else keys | places


def same_number(one: Item, other: Item) -> bool:
    """Tell whether two episodes have the same number in the same season, of whatever show; season 0 holds specials."""
    return (
        one.season is not None
        and one.episode is not None
        and (one.season, one.episode) == (other.season, other.episode)
    )


def title_key(items: Iterable[Item]) -> str:
    """Return a stable name for a title: its id from the most common source, else the id of its first item."""
    items = list(items)
    keys = {key for item in items for key in search_keys(item)}
    return min(keys, key=_preference) if keys else f"{items[0].kind}:item:{items[0].item_id}"


def agreement(one: frozenset[str], other: frozenset[str]) -> int:
    """Return the number of sources that agree minus the number that contradict, over two items' `match_keys`.

    Above 0: copies of one title. 0: nothing to compare, or as many contradictions. Below 0: different titles.
    """
    # An episode's own ids decide. Its place in the show counts only where no own id can be compared: numbering differs
    # between servers (S01E03 on one is S02E01 on the other).
    own = _score(_by_source(one, places=False), _by_source(other, places=False))
    if own is not None:
        return own
    return 0 if _aired_apart(one, other) else _place_score(one, other)


def misnumbered(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two episodes have the same place in one show, but cannot be the same: they aired on other days.

    No own id can be compared. The two libraries count the show in different orders, on air and on disc, say.
    """
    own = _score(_by_source(one, places=False), _by_source(other, places=False))
    return own is None and _aired_apart(one, other) and _place_score(one, other) > 0


def contradicts(item: Item, keys: frozenset[str]) -> bool:
    """Tell whether an item is another title than the one that was known by these keys."""
    now = match_keys(item)
    if now == keys or not keys:
        return False
    # A film and an episode have no source of ids in common that could contradict.
    return not any(key.startswith(f"{item.kind}:") for key in keys) or agreement(now, keys) < 0


def _by_source(keys: frozenset[str], *, places: bool) -> dict[str, set[str]]:
    """Return the values of an item's ids by kind and source; `places` selects places in shows instead of own ids."""
    values: dict[str, set[str]] = {}
    for key in keys:
        kind, source, value = key.split(":", 2)
        if source.endswith("-show") is places and not key.startswith(_AIRED):
            values.setdefault(f"{kind}:{source}", set()).add(value)
    return values


def _score(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> int | None:
    """Return agreeing minus contradicting sources; None: no source is known on both sides."""
    common = one.keys() & other.keys()
    if not common:
        return None
    # Items may hold several ids of one source (a film and its extended cut): one common id is enough.
    return sum(1 if one[source] & other[source] else -1 for source in common)


def _place_score(one: frozenset[str], other: frozenset[str]) -> int:
    """Return the score of two episodes by their places in their shows."""
    return _score(_by_source(one, places=True), _by_source(other, places=True)) or 0


def _aired_apart(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two episodes aired more than a week apart: less may be another time zone or another country."""
    days, others = ([int(key.removeprefix(_AIRED)) for key in keys if key.startswith(_AIRED)] for keys in (one, other))
    return bool(days and others) and min(abs(day - another) for day in days for another in others) > _DAYS_APART


def _preference(key: str) -> tuple[int, str]:
    """Return a sort key for ids: own ids before places in shows, common sources before rare ones."""
    source = key.split(":", 2)[1]
    plain = source.removesuffix("-show")
    rank = _SOURCES.index(plain) if plain in _SOURCES else len(_SOURCES)
    return (rank + len(_SOURCES) * (plain != source), key)
