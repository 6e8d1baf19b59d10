"""Copies of a title, titles that are ignored, put back, linked by hand or unresolved."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.ledger import FailedLookup, Ledger, Settled
from custom_components.resume_sync.sync.model import Action, PairRules, Reason, RemoveMode, Side
from tests.sync.builders import at, between, copy, decide, episode, minutes, movie, point, shelf
from tests.sync.world import film

from .verdicts import FINISHED, FROM_PEER, MIRROR, TO_PEER, one, verdict


def test_the_newest_copy_speaks_for_a_title() -> None:
    """An older position of another copy does not count."""
    left = shelf(copy(80, point(100), item=film(1, "hd")), copy(30, point(200), item=film(1, "uhd")))
    decision = one(left, copy(20, point(150)))
    assert (decision.reason, decision.source_item_id) == (Reason.NEWER_POSITION, "uhd")
    assert decision.from_position_ms == minutes(30)


def test_a_write_goes_to_the_copy_in_progress() -> None:
    """Of several in progress to the newest, of none to the first by stable order."""
    source = copy(50, point(200))
    target = shelf(copy(0, item=film(1, "a")), copy(20, point(100), item=film(1, "b")))
    assert one(source, target).target_item_ids == ("b",)
    target = shelf(copy(30, point(90), item=film(1, "a")), copy(20, point(100), item=film(1, "b")))
    assert one(source, target).target_item_ids == ("b",)
    target = shelf(copy(0, item=film(1, "b")), copy(0, item=film(1, "a")))
    assert one(source, target).target_item_ids == ("a",)


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
@pytest.mark.parametrize(
    ("lengths", "in_progress", "chosen"),
    [
        ((106, 82), None, 1),
        ((106, 82), 0, 1),
        ((106, 120, 82), 1, 2),
        ((106, 82, 83), 2, 2),
        ((None, 82), None, 1),
        ((None, 82), 0, 1),
        ((106, None), 0, 1),
    ],
    ids=["two cuts", "long cut in progress", "three cuts", "two fit", "unknown", "unknown in progress", "none known"],
)
def test_a_position_goes_to_a_copy_that_it_fits(
    names: tuple[str, ...], lengths: tuple[float | None, ...], in_progress: int | None, chosen: int
) -> None:
    """The one of the source's length, whatever the ids and positions are; else one of unknown length."""
    source = copy(40, point(200), item=film(1, duration_ms=minutes(82)))
    target = shelf(
        *(
            copy(12 if index == in_progress else 0, point(100), item=replace(film(1, name), duration_ms=length))
            for index, (name, length) in enumerate(
                zip(names, (None if one is None else minutes(one) for one in lengths), strict=False)
            )
        )
    )
    decision = one(source, target)
    assert (decision.action, decision.target_item_ids) == (Action.WRITE, (names[chosen],))


def test_lengths_differ_only_where_no_copy_fits() -> None:
    """Three cuts of a film, and none of the source's length."""
    source = copy(40, point(200), item=film(1, duration_ms=minutes(82)))
    cuts = [copy(0, item=film(1, name, duration_ms=minutes(length))) for name, length in (("a", 106), ("b", 120))]
    assert one(source, shelf(*cuts)).reason is Reason.DURATION_DIFFERS


def test_of_copies_that_fit_the_one_in_a_library_of_the_same_name_is_written() -> None:
    """Films in 4K go to films in 4K, unless another copy is in progress or fits better."""
    uhd, hd = (replace(film(1, item_id), library=name) for item_id, name in (("z", "4K"), ("a", "Films")))
    source = copy(50, point(200), item=replace(film(1), library="4K"))
    assert one(source, shelf(copy(0, item=hd), copy(0, item=uhd))).target_item_ids == ("z",)
    assert one(source, shelf(copy(10, point(100), item=hd), copy(0, item=uhd))).target_item_ids == ("a",)
    another_cut = replace(uhd, duration_ms=minutes(140))
    assert one(source, shelf(copy(0, item=hd), copy(0, item=another_cut))).target_item_ids == ("a",)
    nowhere = copy(50, point(200), item=film(1))
    assert one(nowhere, shelf(copy(0, item=hd), copy(0, item=film(1, "b")))).target_item_ids == ("a",)


def test_a_removal_clears_every_cut_in_progress() -> None:
    """The film was finished, in whatever cut."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), Ledger(approved=True, started_at=1)
    cuts = [
        copy(20, point(50), item=film(1, name, duration_ms=minutes(length))) for name, length in (("a", 106), ("b", 82))
    ]
    decision = one(copy(0, FINISHED, watched=True), shelf(*cuts), rules, ledger)
    assert (decision.reason, decision.target_item_ids) == (Reason.AWAITING_CONFIRMATION, ("a", "b"))


def test_a_title_whose_newest_copies_are_at_zero_on_both_sides_is_in_sync() -> None:
    """A left-over copy in another library is no reason to remove anything."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), Ledger(approved=True, started_at=1)
    both = shelf(copy(0, FINISHED, watched=True), copy(20, point(50), item=film(1, "copy")))
    for other in (copy(0), copy(0, point(40, Cause.FINISHED)), copy(0, between(40, 60, Cause.CLEARED))):
        assert verdict(both, other, rules, ledger)[:2] == (Action.NONE, Reason.IN_SYNC)
        assert verdict(other, both, rules, ledger)[:2] == (Action.NONE, Reason.IN_SYNC)
    for one_way in (TO_PEER, MIRROR):
        assert verdict(both, copy(0, point(200, Cause.FINISHED)), one_way, ledger)[1] is Reason.IN_SYNC


def test_a_copy_left_in_progress_is_cleared_by_a_later_finish_elsewhere() -> None:
    """A clear that reached only the first of two copies comes back for the second."""
    rules, ledger = PairRules(remove=RemoveMode.SOURCE), Ledger(approved=True, started_at=1)
    both = shelf(copy(0, FINISHED, watched=True), copy(20, point(50), item=film(1, "copy")))
    decision = one(both, copy(0, FINISHED, watched=True), rules, ledger)
    assert (decision.action, decision.reason) == (Action.WAIT, Reason.AWAITING_CONFIRMATION)
    assert (decision.source, decision.target_item_ids) == (Side.RIGHT, ("copy",))


@pytest.mark.parametrize("key", ["left:film-1", "right:film-1"])
def test_an_ignored_title_is_left_alone(key: str) -> None:
    """Ignored on either side, with or without a counterpart."""
    ledger = Ledger(mappings={key: None})
    assert verdict(copy(50, point(200)), copy(20, point(100)), ledger=ledger)[:2] == (Action.NONE, Reason.IGNORED)
    left, right = (copy(50, point(200)), None) if key.startswith("left") else (None, copy(50, point(200)))
    assert verdict(left, right, ledger=ledger)[:2] == (Action.NONE, Reason.IGNORED)


@pytest.mark.parametrize("position", [0, 20, 50, 80])
@pytest.mark.parametrize("rules", [PairRules(), TO_PEER, FROM_PEER, MIRROR])
def test_an_unreadable_row_is_shown_as_such(rules: PairRules, position: float) -> None:
    """Nothing is planned from it or over it, whatever the rules and wherever it was last known to be."""
    unreadable = copy(position, point(200), unread=Reason.UNREADABLE)
    expected = (Action.UNRESOLVED, Reason.UNREADABLE)
    for other in (copy(20, point(100)), copy(0, point(300, Cause.CLEARED)), None):
        assert verdict(unreadable, other, rules) == (*expected, Side.LEFT)
        assert verdict(other, unreadable, rules) == (*expected, Side.RIGHT)
    assert verdict(unreadable, unreadable, rules)[:2] == expected


@pytest.mark.parametrize("position", [0, 20, 50, 80])
def test_an_item_that_was_not_asked_for_waits(position: float) -> None:
    """Nothing is planned from where it was last known to be, or over it; an unreadable row comes first."""
    unasked = copy(position, point(200), unread=Reason.NOT_VERIFIED)
    for other in (copy(20, point(100)), copy(0, point(300, Cause.CLEARED)), None):
        assert verdict(unasked, other)[:2] == (Action.WAIT, Reason.NOT_VERIFIED)
        assert verdict(other, unasked)[:2] == (Action.WAIT, Reason.NOT_VERIFIED)
    unreadable = copy(20, point(200), unread=Reason.UNREADABLE)
    assert verdict(unasked, unreadable) == (Action.UNRESOLVED, Reason.UNREADABLE, Side.RIGHT)


def test_an_unreadable_row_can_be_ignored() -> None:
    """Somebody who was asked long enough may leave the title alone."""
    unreadable = copy(50, point(200), unread=Reason.UNREADABLE)
    ledger = Ledger(mappings={"left:film-1": None})
    for other in (copy(20, point(100)), None):
        assert verdict(unreadable, other, ledger=ledger)[:2] == (Action.NONE, Reason.IGNORED)


def test_an_undone_title_stays_until_a_viewer_moves_it() -> None:
    """The undo may be on either side, and so may the move that ends it."""
    undone = copy(20, point(100), undone_at=at(300))
    for edit in (None, point(200), point(300)):
        assert verdict(undone, copy(50, edit))[:2] == (Action.NONE, Reason.UNDONE)
        assert verdict(copy(50, edit), undone)[:2] == (Action.NONE, Reason.UNDONE)
    assert verdict(undone, copy(50, point(301)))[1] is Reason.NEWER_POSITION


def test_a_title_without_ids_is_unresolved() -> None:
    """Without ids no counterpart can be found."""
    lonely = copy(20, point(100), item=movie("a"))
    assert verdict(lonely, None) == (Action.UNRESOLVED, Reason.NO_IDS, Side.LEFT)
    assert verdict(None, lonely) == (Action.UNRESOLVED, Reason.NO_IDS, Side.RIGHT)


def test_a_home_video_is_left_alone() -> None:
    """Nothing in its library has external ids; with an id of its own, or mapped by hand, it is a title like others."""
    video = replace(movie("a"), identifiable=False)
    assert verdict(copy(20, point(100), item=video), None) == (Action.NONE, Reason.WITHOUT_IDS, Side.LEFT)
    assert verdict(None, copy(20, point(100), item=video)) == (Action.NONE, Reason.WITHOUT_IDS, Side.RIGHT)
    known = copy(20, point(100), item=replace(movie("a", "tmdb:1"), identifiable=False))
    assert verdict(known, None)[1] is Reason.NOT_FOUND
    ledger = Ledger(mappings={"left:a": "b"})
    mapped = verdict(copy(20, point(100), item=video), copy(0, item=movie("b")), ledger=ledger)
    assert mapped == (Action.WRITE, Reason.ONLY_ON_SOURCE, Side.LEFT)


def test_a_title_that_fits_two_titles_is_ambiguous() -> None:
    """Two titles of the other side fit equally well, and neither is chosen."""
    left = copy(20, point(100), item=movie("a", "imdb:tt00001", "tmdb:1"))
    right = shelf(
        copy(0, point(1), item=movie("b", "imdb:tt00001", "tvdb:1")),
        copy(0, point(1), item=movie("c", "tmdb:1", "tvdb:2")),
    )
    assert verdict(left, right) == (Action.UNRESOLVED, Reason.AMBIGUOUS, Side.LEFT)


def test_an_episode_that_aired_another_day_under_the_same_number_is_ambiguous() -> None:
    """The two libraries count the show in different orders: nothing is written by number."""
    here, there = (
        replace(episode(item_id, show=["tvdb:1"]), aired=day) for item_id, day in (("a", 735_000), ("b", 735_100))
    )
    assert verdict(copy(20, point(100), item=here), copy(0, point(1), item=there)) == (
        Action.UNRESOLVED,
        Reason.AMBIGUOUS,
        Side.LEFT,
    )


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.GONE, Reason.AMBIGUOUS])
def test_a_failed_look_up_gives_the_reason(reason: Reason) -> None:
    """The reason is that of the last look-up."""
    ledger = Ledger(failed={"left:film-1": FailedLookup(reason, frozenset(), at(500))})
    assert verdict(copy(20, point(100)), None, ledger=ledger) == (Action.UNRESOLVED, reason, Side.LEFT)


def test_a_settled_decision_gives_the_reason() -> None:
    """The title is left alone as in the earlier run, without another look-up."""
    ledger = Ledger(settled={"left:film-1": Settled(minutes(20), point(100), Reason.NEAR_END, ("x",))})
    assert verdict(copy(20, point(100)), None, ledger=ledger) == (Action.NONE, Reason.NEAR_END, Side.LEFT)


def test_a_mapping_by_hand_joins_titles_without_common_ids() -> None:
    """Made from the left or from the right."""
    left, right = copy(20, point(200), item=movie("a")), copy(0, item=movie("b", "tmdb:9"))
    for mappings in ({"left:a": "b"}, {"right:b": "a"}):
        assert verdict(left, right, ledger=Ledger(mappings=dict(mappings)))[1] is Reason.ONLY_ON_SOURCE


def test_a_title_at_zero_on_both_sides_gets_no_decision() -> None:
    """Decisions are about titles in progress."""
    assert decide(copy(0, FINISHED, watched=True), copy(0)) == []
    assert decide(None, None) == []


@pytest.mark.parametrize("side", list(Side))
def test_a_title_whose_id_was_mapped_for_another_one_is_asked_about(side: Side) -> None:
    """`film-1` was mapped when it stood for another film: what was chosen then is not applied to this one."""
    left, right = copy(50, point(200)), copy(20, point(100))
    ledger = Ledger(mapped_ids={f"{side}:{left.item.item_id}": frozenset({"movie:imdb:tt0000099"})})
    assert verdict(left, right, ledger=ledger)[:2] == (Action.UNRESOLVED, Reason.AMBIGUOUS)
