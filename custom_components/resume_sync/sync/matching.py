"""Matching the items of two accounts: each title of one side with the title of the other that agrees most with it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .identity import agreement, match_keys, misnumbered, search_keys, title_key
from .model import Item


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
