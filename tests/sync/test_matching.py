"""Items are one title by typed ids alone: agreements minus contradictions, an episode's place in its show last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
import itertools

from hypothesis import given, strategies as st
import pytest

from custom_components.resume_sync.sync.identity import (
    agreement,
    match_keys,
    own_ids,
    place_ids,
    search_keys,
    title_key,
)
from custom_components.resume_sync.sync.matching import Match, Matching, match
from custom_components.resume_sync.sync.model import Item, MediaKind

from .builders import episode, movie


def pairs(left: Sequence[Item], right: Sequence[Item], linked: dict[str, str] | None = None) -> set[tuple[str, str]]:
    """Return the matched items as pairs of a left and a right id."""
    matching = match(left, right, linked)
    return {(one, other) for found in matching.matches for one in found.left for other in found.right}


def same(one: Item, other: Item) -> int:
    """Return the agreement of two items."""
    return agreement(match_keys(one), match_keys(other))


def test_any_shared_id_matches_not_just_the_first() -> None:
    """Servers list different ids, in different orders."""
    assert pairs([movie("a", "imdb:tt00001", "tmdb:1")], [movie("b", "tvdb:9", "tmdb:1")]) == {("a", "b")}


def test_nothing_matches_by_title() -> None:
    """Two films of the same name without a common id stay two."""
    matching = match([movie("a", "imdb:tt00001")], [movie("b", "tmdb:1"), movie("c")])
    assert [(one.left, one.right) for one in matching.matches] == [(("a",), ()), ((), ("b",)), ((), ("c",))]
    assert not matching.ambiguous_left
    assert not matching.ambiguous_right


def test_ids_of_another_kind_never_match() -> None:
    """A film, an episode and a show may have the same number in one catalogue."""
    assert pairs([movie("a", "tvdb:278")], [episode("b", "tvdb:278")]) == set()


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (("imdb:tt00001", "tmdb:1", "tvdb:1"), 3),
        (("imdb:tt00001", "tmdb:1", "tvdb:2"), 1),
        (("imdb:tt00001", "tmdb:2"), 0),
        (("imdb:tt00001", "tmdb:2", "tvdb:2"), -1),
        (("plex:0123456789abcdef01234567",), 0),
        (("imdb:tt00001", "imdb:tt00002"), 1),
    ],
)
def test_agreeing_minus_contradicting_sources_must_be_positive(other: tuple[str, ...], score: int) -> None:
    """One wrong id is outvoted, a tie is no match, and a second value of one source contradicts nothing."""
    one = movie("a", "imdb:tt00001", "tmdb:1", "tvdb:1")
    assert same(one, movie("b", *other)) == score
    assert pairs([one], [movie("b", *other)]) == ({("a", "b")} if score > 0 else set())


def test_the_title_that_agrees_most_is_taken() -> None:
    """A wrongly tagged neighbour that shares one id does not win, and is left alone."""
    neighbour, right = movie("n", "imdb:tt00001"), movie("r", "imdb:tt00001", "tmdb:1")
    wrong = movie("w", "imdb:tt00001", "tmdb:7")
    assert pairs([movie("a", "imdb:tt00001", "tmdb:1")], [right, wrong]) == {("a", "r")}
    assert pairs([movie("a", "imdb:tt00001", "tmdb:1")], [right, neighbour]) == {("a", "r"), ("a", "n")}


def test_copies_that_agree_are_one_title() -> None:
    """HD and 4K libraries, three of the same film: one title, its copies in stable order."""
    ids = ("imdb:tt00001", "tmdb:1")
    matching = match([movie("a", *ids)], [movie("c", *ids), movie("b", "tmdb:1")])
    assert matching.matches == (Match("movie:imdb:tt00001", ("a",), ("b", "c")),)


def test_copies_that_contradict_each_other_are_ambiguous() -> None:
    """Two titles of the other side fit equally well: none is guessed."""
    matching = match(
        [movie("a", "imdb:tt00001", "tmdb:1")],
        [movie("b", "imdb:tt00001", "tvdb:1"), movie("c", "tmdb:1", "tvdb:2")],
    )
    assert matching.ambiguous_left == {"a"}
    assert matching.ambiguous_right == {"b", "c"}
    assert all(not (one.left and one.right) for one in matching.matches)


def test_a_choice_has_to_be_mutual() -> None:
    """The item whose best fit prefers another item is matched with nothing, and counts as ambiguous."""
    better, worse = movie("a", "imdb:tt00001", "tmdb:1"), movie("b", "tvdb:3")
    right = movie("r", "imdb:tt00001", "tmdb:1", "tvdb:3")
    assert (same(better, right), same(worse, right), same(better, worse)) == (2, 1, 0)
    matching = match([better, worse], [right])
    assert [(one.left, one.right) for one in matching.matches if one.right] == [(("a",), ("r",))]
    assert matching.ambiguous_left == {"b"}


def test_an_episodes_own_ids_decide_over_its_place() -> None:
    """Seasons numbered differently do not part one id, nor does the same number join two ids."""
    one = episode("a", "tvdb:11", show=["tvdb:1"], season=1, number=3)
    renumbered = episode("b", "tvdb:11", show=["tvdb:1"], season=2, number=1)
    other = episode("c", "tvdb:12", show=["tvdb:1"], season=1, number=3)
    assert pairs([one], [renumbered]) == {("a", "b")}
    assert pairs([one], [other]) == set()


def test_place_in_the_show_counts_where_no_own_id_compares() -> None:
    """Episodes without own ids, or with ids of different sources, match by show, season and number."""
    one = episode("a", "imdb:tt00001", show=["tvdb:1", "tmdb:7"], season=1, number=3)
    assert pairs([one], [episode("b", show=["tmdb:7"], season=1, number=3)]) == {("a", "b")}
    assert pairs([one], [episode("b", "tvdb:5", show=["tmdb:7"], season=1, number=3)]) == {("a", "b")}
    assert pairs([one], [episode("b", show=["tmdb:7"], season=1, number=4)]) == set()
    assert pairs([one], [episode("b", show=["tmdb:8"], season=1, number=3)]) == set()


AIRED = date(2014, 3, 1).toordinal()


def aired(item_id: str, day: int | None, *ids: str, number: int = 3) -> Item:
    """Return an episode that first aired on a day."""
    return replace(episode(item_id, *ids, show=["tvdb:1"], season=1, number=number), aired=day)


@pytest.mark.parametrize(("days", "match_expected"), [(0, True), (7, True), (-7, True), (8, False), (-365, False)])
def test_air_dates_more_than_a_week_apart_veto_a_match_by_number(days: int, match_expected: bool) -> None:
    """One library counts the show as it was aired, the other as it is on disc: both say so, and nobody guesses."""
    matching = match([aired("a", AIRED)], [aired("b", AIRED + days)])
    assert {(one.left, one.right) for one in matching.matches if one.left and one.right} == (
        {(("a",), ("b",))} if match_expected else set()
    )
    assert [sorted(matching.misnumbered_left), sorted(matching.misnumbered_right)] == (
        [[], []] if match_expected else [["a"], ["b"]]
    )
    assert not matching.ambiguous_left
    assert not matching.ambiguous_right


def test_air_dates_contradict_no_ids() -> None:
    """Own ids that agree are one episode, whenever it aired; own ids that contradict are no question of numbers."""
    assert pairs([aired("a", AIRED, "tvdb:7")], [aired("b", AIRED + 99, "tvdb:7", number=9)]) == {("a", "b")}
    matching = match([aired("a", AIRED, "tvdb:7")], [aired("b", AIRED + 99, "tvdb:8")])
    assert not matching.misnumbered_left
    assert same(aired("a", AIRED), aired("b", AIRED + 99)) == 0


@pytest.mark.parametrize(("one", "other"), [(AIRED, None), (None, AIRED), (None, None)])
def test_an_unknown_air_date_vetoes_nothing(one: int | None, other: int | None) -> None:
    """Where a server does not tell it, the number counts."""
    assert pairs([aired("a", one)], [aired("b", other)]) == {("a", "b")}


def test_the_air_date_alone_makes_nothing_one_title() -> None:
    """Whole seasons air on one day."""
    assert pairs([aired("a", AIRED, number=1)], [aired("b", AIRED, number=2)]) == set()
    assert title_key([aired("a", AIRED)]) == "episode:tvdb-show:1/1/3"
    assert search_keys(aired("a", AIRED)) == {"episode:tvdb-show:1/1/3"}


def test_a_remembered_episode_keeps_its_air_date() -> None:
    """The journal knows an item at 0 by its keys alone."""
    remembered = Item("b", MediaKind.EPISODE, "", match_keys(aired("b", AIRED + 99)))
    matching = match([aired("a", AIRED)], [remembered])
    assert (set(matching.misnumbered_left), set(matching.misnumbered_right)) == ({"a"}, {"b"})
    assert title_key([remembered]) == "episode:tvdb-show:1/1/3"


def test_a_misnumbered_episode_that_is_matched_by_its_ids_is_no_question() -> None:
    """The right one is there too, under another number."""
    wanted = aired("a", AIRED, "tvdb:7")
    matching = match([wanted], [aired("b", AIRED + 99), aired("c", None, "tvdb:7", number=9)])
    assert {(one.left, one.right) for one in matching.matches} == {(("a",), ("c",)), ((), ("b",))}
    assert not matching.misnumbered_left


def test_season_zero_is_a_season() -> None:
    """Specials have a place in their show too."""
    special = episode("a", show=["tvdb:1"], season=0, number=2)
    assert place_ids(special) == {"episode:tvdb-show:1/0/2"}
    assert pairs([special], [episode("b", show=["tvdb:1"], season=0, number=2)]) == {("a", "b")}


def test_a_shows_id_entered_as_an_episodes_is_not_the_episodes() -> None:
    """Otherwise all episodes of the show would be one title."""
    first = episode("a", "tvdb:1", "imdb:tt00001", show=["tvdb:1"], number=1)
    second = episode("b", "tvdb:1", show=["tvdb:1"], number=2)
    assert own_ids(first) == {"episode:imdb:tt00001"}
    assert pairs([first], [second]) == set()


def test_a_hand_made_link_stands_over_the_ids() -> None:
    """Items linked by hand are one title; the matches that they had by their ids end."""
    left = [movie("a", "tmdb:1"), movie("x", "tmdb:9")]
    right = [movie("b", "tmdb:1"), movie("y", "tmdb:9")]
    assert pairs(left, right, {"a": "y"}) == {("a", "y")}


def test_a_hand_made_link_ends_ambiguity() -> None:
    """An item that fits two titles is matched once a person has chosen one of them."""
    left = [movie("a", "imdb:tt00001", "tmdb:1")]
    right = [movie("b", "imdb:tt00001", "tvdb:1"), movie("c", "tmdb:1", "tvdb:2")]
    matching = match(left, right, {"a": "c"})
    assert {(one.left, one.right) for one in matching.matches} == {(("a",), ("c",)), ((), ("b",))}
    assert not matching.ambiguous_left
    assert matching.ambiguous_right == {"b"}


@pytest.mark.parametrize("link", [{"a": "elsewhere"}, {"elsewhere": "b"}])
def test_a_hand_made_link_to_a_missing_item_changes_nothing(link: dict[str, str]) -> None:
    """As long as the linked item is not in progress, the ids decide."""
    assert pairs([movie("a", "tmdb:1")], [movie("b", "tmdb:1")], link) == {("a", "b")}


def test_two_titles_that_share_an_id_have_two_names() -> None:
    """So the ledger does not mix up two films of which one is wrongly tagged."""
    left = [movie("a", "imdb:tt00001", "tmdb:1"), movie("b", "imdb:tt00001", "tmdb:2")]
    right = [movie("c", "imdb:tt00001", "tmdb:1"), movie("d", "imdb:tt00001", "tmdb:2")]
    matching = match(left, right)
    assert {(one.left, one.right) for one in matching.matches} == {(("a",), ("c",)), (("b",), ("d",))}
    assert len({one.key for one in matching.matches}) == 2


IDS = st.sets(
    st.builds("{}:{}".format, st.sampled_from(["imdb", "tmdb", "tvdb"]), st.sampled_from(["1", "2", "3"])), max_size=4
)


@st.composite
def libraries(draw: st.DrawFn, side: str) -> list[Item]:
    """Return a small library, wrongly tagged in every way."""
    items = []
    for index in range(draw(st.integers(0, 4))):
        item_id = f"{side}{index}"
        if draw(st.booleans()):
            items.append(movie(item_id, *draw(IDS)))
        else:
            show, number = draw(IDS), draw(st.integers(0, 2))
            one = episode(item_id, *draw(IDS), show=show, season=draw(st.integers(0, 1)), number=number)
            items.append(replace(one, aired=draw(st.sampled_from([None, AIRED, AIRED + 7, AIRED + 14]))))
    return items


def of_matching(matching: Matching, *, mirrored: bool = False) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the titles of a matching without their order."""
    return {(one.right, one.left) if mirrored else (one.left, one.right) for one in matching.matches}


@given(libraries("l"), libraries("r"))
def test_matching_is_symmetric(left: list[Item], right: list[Item]) -> None:
    """Either account may hold the pair."""
    forth, back = match(left, right), match(right, left)
    assert of_matching(forth) == of_matching(back, mirrored=True)
    assert (forth.ambiguous_left, forth.ambiguous_right) == (back.ambiguous_right, back.ambiguous_left)
    assert (forth.misnumbered_left, forth.misnumbered_right) == (back.misnumbered_right, back.misnumbered_left)


@given(libraries("l"), libraries("r"))
def test_matching_does_not_depend_on_order(left: list[Item], right: list[Item]) -> None:
    """Servers list their items in any order."""
    shuffled = list(reversed(left)), list(reversed(right))
    assert of_matching(match(left, right)) == of_matching(match(*shuffled))


@given(libraries("l"), libraries("r"))
def test_every_item_is_in_exactly_one_title(left: list[Item], right: list[Item]) -> None:
    """So every item gets exactly one decision, and every title a name of its own."""
    matching = match(left, right)
    assert sorted(one for found in matching.matches for one in found.left) == sorted(one.item_id for one in left)
    assert sorted(one for found in matching.matches for one in found.right) == sorted(one.item_id for one in right)
    assert len({found.key for found in matching.matches}) == len(matching.matches)


@given(libraries("l"), libraries("r"))
def test_copies_and_matches_agree_and_are_of_one_kind(left: list[Item], right: list[Item]) -> None:
    """Copies agree pair by pair; both sides of a title share an id, contradict nowhere and are of one kind."""
    items = {one.item_id: one for one in (*left, *right)}
    for found in match(left, right).matches:
        assert len({items[one].kind for one in (*found.left, *found.right)}) == 1
        for copies in (found.left, found.right):
            assert all(same(items[one], items[other]) > 0 for one, other in itertools.combinations(copies, 2))
        scores = [same(items[one], items[other]) for one in found.left for other in found.right]
        assert not scores or (max(scores) > 0 and min(scores) >= 0)


@given(libraries("l"))
def test_agreement_is_symmetric(items: list[Item]) -> None:
    """The order of two items does not matter."""
    for one, other in itertools.product(items, items):
        assert same(one, other) == same(other, one)
