"""Matching: items are copies of one title if their typed external ids agree. Names are never compared."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Match:
    """One title: its items on both accounts, in stable order. One side may be empty.

    Keys are unique within a matching.
    """

    key: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All titles of two accounts.

    Ambiguous items fit several titles of the other side equally well, or one that fits another title better.
    Misnumbered items have the number of an episode of the other side that aired on another day, see `misnumbered`.
    Both are matched with nothing.
    """

    matches: tuple[Match, ...]
    ambiguous_left: frozenset[str]
    ambiguous_right: frozenset[str]
    misnumbered_left: frozenset[str] = frozenset()
    misnumbered_right: frozenset[str] = frozenset()


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
    # A film and an episode have no source of ids in common that could contradict.
    other_kind = not any(key.startswith(f"{item.kind}:") for key in keys) if keys else False
    return other_kind or agreement(match_keys(item), keys) < 0


def match(
    left: Sequence[Item],
    right: Sequence[Item],
    linked: Mapping[str, str] | None = None,
) -> Matching:
    """Match the items of two accounts. `linked` maps left items to right items as people have matched them by hand.

    Each side is first grouped into titles. Two titles are then matched if each is the only best fit of the other.
    """
    left_titles = _titles(left)
    right_titles = _titles(right)
    choice_left = {index: _best(title, right_titles) for index, title in enumerate(left_titles.members)}
    choice_right = {index: _best(title, left_titles) for index, title in enumerate(right_titles.members)}
    # A choice must be mutual. Otherwise a wrongly tagged film would be matched with a title that has a better partner.
    pairs = {
        index: chosen
        for index, chosen in choice_left.items()
        if isinstance(chosen, int) and choice_right[chosen] == index
    }
    _apply_links(pairs, left_titles, right_titles, linked or {})
    # From here on `pairs` is final. Every title of either side appears exactly once: matched, or alone.
    taken = {chosen: index for index, chosen in pairs.items()}
    matches = [
        _matched(left_titles.members[index], right_titles.members[pairs[index]] if index in pairs else ())
        for index in range(len(left_titles.members))
    ]
    matches += [_matched((), title) for index, title in enumerate(right_titles.members) if index not in taken]
    return Matching(
        _uniquely_named(matches),
        _unclear(left_titles, choice_left, pairs),
        _unclear(right_titles, choice_right, taken),
        _misnumbered(left_titles, right_titles, pairs),
        _misnumbered(right_titles, left_titles, taken),
    )


@dataclass(frozen=True, slots=True)
class _Titles:
    """The titles on one side. Any two copies of a title agree with each other.

    `by_key` and `by_item` hold indexes into `members`.
    """

    members: tuple[tuple[Item, ...], ...]
    by_key: Mapping[str, tuple[int, ...]]
    by_item: Mapping[str, int]


class _Ambiguous:
    """The result of a choice between titles that fit equally well."""


_AMBIGUOUS = _Ambiguous()


def _titles(items: Sequence[Item]) -> _Titles:
    """Group one side's items into titles: an item joins the first title whose every copy agrees with it."""
    members: list[list[Item]] = []
    by_key: dict[str, list[int]] = {}
    by_item = {}
    for item in sorted(items, key=lambda item: item.item_id):
        keys, found_by = match_keys(item), search_keys(item)
        # Only titles that share a key can agree, so an item is not compared with the whole library.
        candidates = sorted({index for key in found_by for index in by_key.get(key, ())})
        index = next((index for index in candidates if _fits(keys, members[index])), len(members))
        if index == len(members):
            members.append([])
        members[index].append(item)
        by_item[item.item_id] = index
        for key in found_by:
            if index not in by_key.setdefault(key, []):
                by_key[key].append(index)
    return _Titles(tuple(map(tuple, members)), {key: tuple(indexes) for key, indexes in by_key.items()}, by_item)


def _fits(keys: frozenset[str], copies: Iterable[Item]) -> bool:
    """Tell whether an item agrees with every copy of a title."""
    return all(agreement(keys, match_keys(copy)) > 0 for copy in copies)


def _best(title: Sequence[Item], others: _Titles) -> int | _Ambiguous | None:
    """Return the title of the other side that agrees most with this one; None: no title agrees."""
    scores = {index: _title_score(title, others.members[index]) for index in _candidates(title, others)}
    best = max(scores.values(), default=0)
    if best <= 0:
        return None
    # Two titles fit equally well ("tt1" is tagged on both): a guess could move positions between different films.
    first, *more = (index for index, score in scores.items() if score == best)
    return _AMBIGUOUS if more else first


def _candidates(title: Sequence[Item], others: _Titles) -> set[int]:
    """Return the titles of the other side that share a key with this one."""
    return {index for item in title for key in search_keys(item) for index in others.by_key.get(key, ())}


def _title_score(one: Sequence[Item], other: Sequence[Item]) -> int:
    """Return the agreement of the best pair of copies; if any pair contradicts, that of the worst."""
    scores = [agreement(match_keys(left), match_keys(right)) for left in one for right in other]
    return min(scores) if min(scores) < 0 else max(scores)


def _apply_links(pairs: dict[int, int], left_titles: _Titles, right_titles: _Titles, linked: Mapping[str, str]) -> None:
    """Match the items that were linked by hand, whatever their ids say; items that are not there are skipped."""
    for left_id, right_id in linked.items():
        left = left_titles.by_item.get(left_id)
        right = right_titles.by_item.get(right_id)
        if left is not None and right is not None:
            # A link by hand ends every match that its two titles had by their ids.
            for index in [index for index, chosen in pairs.items() if index == left or chosen == right]:
                del pairs[index]
            pairs[left] = right


def _unclear(
    titles: _Titles, choices: Mapping[int, int | _Ambiguous | None], pairs: Mapping[int, int]
) -> frozenset[str]:
    """Return the items of one side that fit some title of the other side, but were matched with none."""
    return frozenset(
        item.item_id
        for index, chosen in choices.items()
        if chosen is not None and index not in pairs
        for item in titles.members[index]
    )


def _misnumbered(titles: _Titles, others: _Titles, matched: Collection[int]) -> frozenset[str]:
    """Return the items of one side that are matched with none, and misnumbered against some item of the other side."""
    alone = (title for index, title in enumerate(titles.members) if index not in matched)
    return frozenset(
        item.item_id
        for title in alone
        for item in title
        if any(
            misnumbered(match_keys(item), match_keys(other))
            for index in _candidates(title, others)
            for other in others.members[index]
        )
    )


def _matched(left: Sequence[Item], right: Sequence[Item]) -> Match:
    """Return the match of two titles, of which one may be empty."""
    return Match(
        title_key((*left, *right)),
        tuple(item.item_id for item in left),
        tuple(item.item_id for item in right),
    )


def _uniquely_named(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Make keys unique: titles that share an id although they contradict each other get their items' ids appended."""
    # Two films tagged "tt1", "tmdb:1" and "tt1", "tmdb:2" are two titles, but both would be named "movie:imdb:tt1".
    named = Counter(one.key for one in matches)
    return tuple(
        one if named[one.key] == 1 else replace(one, key=f"{one.key}#{'/'.join((*one.left, '', *one.right))}")
        for one in matches
    )


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
