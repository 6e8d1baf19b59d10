"""Which items are copies of one title: by typed external ids only, all of them, never by a title's name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Match:
    """The items of two accounts that are copies of one title, in stable order. One side may be empty.

    No two titles of a matching have the same key.
    """

    key: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All titles of two accounts, and the items whose ids fit several titles of the other side equally well."""

    matches: tuple[Match, ...]
    ambiguous_left: frozenset[str]
    ambiguous_right: frozenset[str]


def typed_id(kind: MediaKind, source: str, value: str) -> str | None:
    """Return `kind:source:value` in one spelling, or None where source or value is not an id that can be matched."""
    source = source.strip().casefold()
    value = value.strip().casefold()
    if source == "imdb" and value.isdecimal():
        value = f"tt{value}"
    elif source in ("tmdb", "tvdb", "anidb", "tvmaze"):
        value = value.lstrip("0")
    pattern = _EXTERNAL_ID.get(source)
    if pattern is None or pattern.fullmatch(value) is None:
        return None
    return f"{kind}:{source}:{value}"


def own_ids(item: Item) -> frozenset[str]:
    """Return the item's own ids, without a show's id that was entered as an episode's."""
    if item.kind is not MediaKind.EPISODE:
        return item.ids
    return frozenset(one for one in item.ids if f"{MediaKind.SHOW}:{one.partition(':')[2]}" not in item.show_ids)


def place_ids(item: Item) -> frozenset[str]:
    """Return an episode's place in its show as ids, `episode:tvdb-show:121361/1/3`; empty where it is not known."""
    if item.kind is not MediaKind.EPISODE or item.season is None or item.episode is None:
        return frozenset()
    return frozenset(
        f"{MediaKind.EPISODE}:{source}-show:{value}/{item.season}/{item.episode}"
        for _, source, value in (one.split(":", 2) for one in item.show_ids)
    )


def match_keys(item: Item) -> frozenset[str]:
    """Return every id by which an item may be recognised: its own and, for an episode, its place in the show."""
    return own_ids(item) | place_ids(item)


def title_key(items: Iterable[Item]) -> str:
    """Return one stable name for a title: the first of its ids by source, else the id of its first item."""
    items = list(items)
    keys = {key for item in items for key in match_keys(item)}
    return min(keys, key=_preference) if keys else f"{items[0].kind}:item:{items[0].item_id}"


def agreement(one: frozenset[str], other: frozenset[str]) -> int:
    """Return how many sources agree minus how many contradict, over two items' `match_keys`.

    An episode's own ids decide; its place in the show counts only where no own id can be compared.
    """
    own = _score(_by_source(one, places=False), _by_source(other, places=False))
    if own is not None:
        return own
    return _score(_by_source(one, places=True), _by_source(other, places=True)) or 0


def match(
    left: Sequence[Item],
    right: Sequence[Item],
    linked: Mapping[str, str] | None = None,
) -> Matching:
    """Match the items of two accounts; `linked` says by hand which left item is which right one.

    Items that agree with each other are copies of one title. The best title on the other side must be unique, and the
    choice mutual.
    """
    left_titles = _titles(left)
    right_titles = _titles(right)
    choice_left = {index: _best(title, right_titles) for index, title in enumerate(left_titles.members)}
    choice_right = {index: _best(title, left_titles) for index, title in enumerate(right_titles.members)}
    pairs = {
        index: chosen
        for index, chosen in choice_left.items()
        if isinstance(chosen, int) and choice_right[chosen] == index
    }
    _apply_links(pairs, left_titles, right_titles, linked or {})
    taken = set(pairs.values())
    matches = [
        _matched(left_titles.members[index], right_titles.members[pairs[index]] if index in pairs else ())
        for index in range(len(left_titles.members))
    ]
    matches += [_matched((), title) for index, title in enumerate(right_titles.members) if index not in taken]
    return Matching(
        _uniquely_named(matches),
        _unclear(left_titles, choice_left, pairs),
        _unclear(right_titles, choice_right, {chosen: index for index, chosen in pairs.items()}),
    )


@dataclass(frozen=True, slots=True)
class _Titles:
    """The titles on one side, each a clique of agreeing items, with where to find them by key and by item."""

    members: tuple[tuple[Item, ...], ...]
    by_key: Mapping[str, tuple[int, ...]]
    by_item: Mapping[str, int]


class _Ambiguous:
    """The mark of a choice between equals."""


_AMBIGUOUS = _Ambiguous()


def _titles(items: Sequence[Item]) -> _Titles:
    """Group one side's items into titles: an item joins the first title whose every copy agrees with it."""
    members: list[list[Item]] = []
    by_key: dict[str, list[int]] = {}
    by_item = {}
    for item in sorted(items, key=lambda item: item.item_id):
        keys = match_keys(item)
        candidates = sorted({index for key in keys for index in by_key.get(key, ())})
        index = next((index for index in candidates if _fits(keys, members[index])), len(members))
        if index == len(members):
            members.append([])
        members[index].append(item)
        by_item[item.item_id] = index
        for key in keys:
            if index not in by_key.setdefault(key, []):
                by_key[key].append(index)
    return _Titles(tuple(map(tuple, members)), {key: tuple(indexes) for key, indexes in by_key.items()}, by_item)


def _fits(keys: frozenset[str], copies: Iterable[Item]) -> bool:
    """Tell whether an item agrees with every copy of a title."""
    return all(agreement(keys, match_keys(copy)) > 0 for copy in copies)


def _best(title: Sequence[Item], others: _Titles) -> int | _Ambiguous | None:
    """Return the title of the other side that agrees most with this one; None where none does."""
    candidates = {index for item in title for key in match_keys(item) for index in others.by_key.get(key, ())}
    scores = {index: _title_score(title, others.members[index]) for index in candidates}
    best = max(scores.values(), default=0)
    if best <= 0:
        return None
    first, *more = (index for index, score in scores.items() if score == best)
    return _AMBIGUOUS if more else first


def _title_score(one: Sequence[Item], other: Sequence[Item]) -> int:
    """Return how well two titles agree: as their best pair of copies, unless some pair contradicts."""
    scores = [agreement(match_keys(left), match_keys(right)) for left in one for right in other]
    return min(scores) if min(scores) < 0 else max(scores)


def _apply_links(pairs: dict[int, int], left_titles: _Titles, right_titles: _Titles, linked: Mapping[str, str]) -> None:
    """Put what was linked by hand over what the ids say."""
    for left_id, right_id in linked.items():
        left = left_titles.by_item.get(left_id)
        right = right_titles.by_item.get(right_id)
        if left is not None and right is not None:
            for index in [index for index, chosen in pairs.items() if index == left or chosen == right]:
                del pairs[index]
            pairs[left] = right


def _unclear(
    titles: _Titles, choices: Mapping[int, int | _Ambiguous | None], pairs: Mapping[int, int]
) -> frozenset[str]:
    """Return the items of one side that fit something on the other side, but not one title alone."""
    return frozenset(
        item.item_id
        for index, chosen in choices.items()
        if chosen is not None and index not in pairs
        for item in titles.members[index]
    )


def _matched(left: Sequence[Item], right: Sequence[Item]) -> Match:
    """Return a title of both sides."""
    return Match(
        title_key((*left, *right)),
        tuple(item.item_id for item in left),
        tuple(item.item_id for item in right),
    )


def _uniquely_named(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Tell titles of the same name apart, which share an id although they contradict each other, by their items."""
    named = Counter(one.key for one in matches)
    return tuple(
        one if named[one.key] == 1 else replace(one, key=f"{one.key}#{'/'.join((*one.left, '', *one.right))}")
        for one in matches
    )


def _by_source(keys: frozenset[str], *, places: bool) -> dict[str, set[str]]:
    """Return an item's id values by source, either its own ids or its places in shows."""
    values: dict[str, set[str]] = {}
    for key in keys:
        kind, source, value = key.split(":", 2)
        if source.endswith("-show") is places:
            values.setdefault(f"{kind}:{source}", set()).add(value)
    return values


def _score(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> int | None:
    """Return agreeing minus contradicting sources; None where no source is known on both sides."""
    common = one.keys() & other.keys()
    if not common:
        return None
    return sum(1 if one[source] & other[source] else -1 for source in common)


def _preference(key: str) -> tuple[int, str]:
    """Order ids by how widely their source is used, an item's own before its place in a show."""
    source = key.split(":", 2)[1]
    plain = source.removesuffix("-show")
    rank = _SOURCES.index(plain) if plain in _SOURCES else len(_SOURCES)
    return (rank + len(_SOURCES) * (plain != source), key)
