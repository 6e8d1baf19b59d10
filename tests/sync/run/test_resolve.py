"""Counterparts: links, titles that vanish and come back, look-ups and when they are repeated."""

from dataclasses import replace

from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, RemoveMode
from tests.sync.builders import movie
from tests.sync.household import Household
from tests.sync.stories import PAIR, finish, home, reasons, requests, sync, watch
from tests.sync.world import DAY, HOUR, MINUTE, Holding, film

LATE = PairRules(min_seconds=30 * 60)
"""Rules that leave alone what is before half an hour: the title stays on one side."""


async def one_sided(rules: PairRules = LATE) -> Household:
    """Return a household whose film 0 is at 20 minutes on the left, and known on the right without being there."""
    household = home(rules=rules)
    watch(household, "left", "film-0", 20)
    await sync(household)
    return household


def on_right(household: Household) -> str:
    """Return what the last run asked of the right server."""
    return requests(household, "right")


async def test_counterpart_is_looked_up_once_and_linked() -> None:
    """The look-up is not repeated while the item stays as it was; nothing is read either."""
    household = await one_sided()
    assert on_right(household) == "list sessions find states"
    assert household.ledgers[PAIR].links == {"left:film-0": ("film-0",)}
    for _ in range(2):
        assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
        assert on_right(household) == "list"


async def test_link_is_read_instead_of_looking_up_again() -> None:
    """A title that moved on is decided by its linked item, without a search."""
    household = await one_sided()
    watch(household, "left", "film-0", 5)
    assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
    assert on_right(household) == "list sessions states"
    watch(household, "left", "film-0", 10)
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert on_right(household) == "list sessions states write states"


async def test_link_to_another_title_is_looked_up_again() -> None:
    """The item was matched anew on its server: its ids no longer agree."""
    household = await one_sided()
    right = household.servers["right"]
    right.holdings["film-0"] = Holding(replace(film(70), item_id="film-0"))
    right.add(film(0, "new"))
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert on_right(household) == "list sessions states find states write states"
    assert (household.position("right", "film-0"), household.position("right", "new")) == (0, 40 * MINUTE)
    assert household.ledgers[PAIR].links == {"left:film-0": ("new",)}


async def test_linked_item_that_is_gone_is_told_and_found_again_under_a_new_id() -> None:
    """`gone` as long as the library has nothing; the new id as soon as the library is known to have changed."""
    household = await one_sided()
    right = household.servers["right"]
    right.revision = "1"
    del right.holdings["film-0"]
    watch(household, "left", "film-0", 20)
    for expected in ("list sessions states find", "list"):
        assert reasons(await sync(household)) == {"film-0": Reason.GONE}
        assert on_right(household) == expected
    right.add(film(0, "new"))
    assert reasons(await sync(household)) == {"film-0": Reason.GONE}
    right.revision = "2"
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "new") == 40 * MINUTE


async def test_linked_item_that_moved_to_a_new_id_is_found_at_once() -> None:
    """The link fails, the look-up finds the new one: one run."""
    household = await one_sided()
    right = household.servers["right"]
    del right.holdings["film-0"]
    right.add(film(0, "new"))
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "new") == 40 * MINUTE


async def not_found() -> Household:
    """Return a household whose left side watches a film that the right one does not have."""
    household = home()
    household.servers["left"].add(film(50))
    watch(household, "left", "film-50", 20)
    assert reasons(await sync(household)) == {"film-50": Reason.NOT_FOUND}
    assert on_right(household) == "list sessions find"
    return household


async def test_failed_look_up_is_repeated_when_the_library_changed() -> None:
    """Also when its revision becomes known for the first time; not when the title moved on."""
    household = await not_found()
    right = household.servers["right"]
    watch(household, "left", "film-50", 20)
    await sync(household)
    assert on_right(household) == "list"
    right.revision = "1"
    for expected in ("list sessions find", "list"):
        await sync(household)
        assert on_right(household) == expected
    right.add(film(50))
    right.revision = "2"
    assert reasons(await sync(household)) == {"film-50": Reason.ONLY_ON_SOURCE}
    assert not household.ledgers[PAIR].failed


async def test_failed_look_up_is_repeated_when_the_ids_changed() -> None:
    """The title was matched anew: it may be another one."""
    household = await not_found()
    left = household.servers["left"]
    left.holdings["film-50"] = replace(left.holdings["film-50"], item=replace(film(1), item_id="film-50"))
    assert reasons(await sync(household)) == {"film-50": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "film-1") == 20 * MINUTE


async def test_failed_look_up_is_repeated_after_a_day() -> None:
    """For servers that do not tell when their library changes."""
    household = await not_found()
    household.servers["right"].add(film(50))
    household.clock.time += DAY - HOUR
    assert reasons(await sync(household)) == {"film-50": Reason.NOT_FOUND}
    household.clock.time += HOUR
    assert reasons(await sync(household)) == {"film-50": Reason.ONLY_ON_SOURCE}


async def test_failed_look_up_is_repeated_when_the_clock_was_set_back() -> None:
    """A look-up in the future tells nothing."""
    household = await not_found()
    household.servers["right"].add(film(50))
    household.clock.time -= 2 * DAY
    assert reasons(await sync(household)) == {"film-50": Reason.ONLY_ON_SOURCE}


async def ambiguous() -> Household:
    """Return a household whose right side has two different films that both share an id with the left one's film."""
    household = home(titles=0)
    household.servers["left"].add(movie("theirs", "imdb:tt0000001", "tmdb:2"))
    household.servers["right"].add(movie("one", "imdb:tt0000001"), movie("two", "tmdb:2"))
    watch(household, "left", "theirs", 20)
    assert reasons(await sync(household)) == {"theirs": Reason.AMBIGUOUS}
    assert on_right(household) == "list sessions find states"
    return household


async def test_ambiguous_title_is_not_guessed_and_not_asked_for_again() -> None:
    """Two titles fit equally well: nothing is written to either, nothing is linked, nothing is asked when idle."""
    household = await ambiguous()
    for _ in range(2):
        assert reasons(await sync(household)) == {"theirs": Reason.AMBIGUOUS}
        assert on_right(household) == "list"
    assert not household.ledgers[PAIR].links
    assert not household.servers["right"].writes


async def test_ambiguous_title_is_asked_for_when_the_library_changed() -> None:
    """One of the two may be gone."""
    household = await ambiguous()
    right = household.servers["right"]
    del right.holdings["two"]
    right.revision = "2"
    assert reasons(await sync(household)) == {"theirs": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "one") == 20 * MINUTE


async def test_ambiguous_title_is_settled_by_hand_at_once() -> None:
    """A mapping made after the look-up failed is followed in the next run, from either side."""
    for key, other in (("left:theirs", "two"), ("right:two", "theirs")):
        household = await ambiguous()
        household.ledgers[PAIR].mappings[key] = other
        assert reasons(await sync(household)) == {"theirs": Reason.ONLY_ON_SOURCE}
        assert (household.position("right", "one"), household.position("right", "two")) == (0, 20 * MINUTE)


async def test_title_between_two_in_progress_is_settled_by_hand() -> None:
    """Both that fit are on the shelf already; a third one that was chosen by hand is asked for all the same."""
    household = await ambiguous()
    right = household.servers["right"]
    right.add(movie("three"))
    for item_id in ("one", "two"):
        watch(household, "right", item_id, 30)
    assert reasons(await sync(household))["theirs"] is Reason.AMBIGUOUS
    household.ledgers[PAIR].mappings["left:theirs"] = "three"
    assert reasons(await sync(household))["theirs"] is Reason.ONLY_ON_SOURCE
    assert household.position("right", "three") == 20 * MINUTE


async def test_titles_without_ids_are_mapped_by_hand_from_either_side() -> None:
    """They cannot be looked up, so that nothing is asked until somebody maps them."""
    for key, other in (("left:theirs", "ours"), ("right:ours", "theirs")):
        household = home(titles=0)
        household.servers["left"].add(movie("theirs"))
        household.servers["right"].add(movie("ours"))
        watch(household, "left", "theirs", 20)
        assert reasons(await sync(household)) == {"theirs": Reason.NO_IDS}
        assert on_right(household) == "list"
        household.ledgers[PAIR].mappings[key] = other
        assert reasons(await sync(household)) == {"theirs": Reason.ONLY_ON_SOURCE}
        assert household.position("right", "ours") == 20 * MINUTE
        watch(household, "right", "ours", 20)
        assert reasons(await sync(household)) == {"ours": Reason.NEWER_POSITION}
        assert household.position("left", "theirs") == 40 * MINUTE


async def test_title_mapped_by_hand_is_not_looked_up_by_its_ids() -> None:
    """What somebody chose stands over what the ids say."""
    household = home()
    household.ledgers[PAIR].mappings["left:film-0"] = "film-2"
    watch(household, "left", "film-0", 20)
    await sync(household)
    assert on_right(household) == "list sessions states write states"
    assert [household.position("right", f"film-{number}") // MINUTE for number in range(3)] == [0, 0, 20]


async def test_mapping_to_an_item_that_is_gone_falls_back_to_the_ids_and_is_not_asked_about_when_idle() -> None:
    """The ids may know better by now; if they do not, the title rests."""
    household = home(titles=2)
    household.servers["left"].add(film(50))
    ledger = household.ledgers[PAIR]
    ledger.mappings |= {"left:film-0": "deleted", "left:film-50": "deleted"}
    watch(household, "left", "film-0", 20)
    watch(household, "left", "film-50", 20)
    found = reasons(await sync(household))
    assert found == {"film-0": Reason.ONLY_ON_SOURCE, "film-50": Reason.NOT_FOUND}
    await sync(household)
    assert on_right(household) == "list"


async def test_ignored_titles_are_not_looked_up() -> None:
    """Ignored where they are in progress: nothing is asked. Ignored on the other side: seen once it is found."""
    household = home()
    household.ledgers[PAIR].mappings |= {"left:film-0": None, "right:film-1": None}
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.IGNORED}
    assert on_right(household) == "list"
    watch(household, "left", "film-1", 20)
    for expected in ("list sessions find states", "list"):
        assert reasons(await sync(household)) == {"film-0": Reason.IGNORED, "film-1": Reason.IGNORED}
        assert on_right(household) == expected


async def test_one_way_pair_does_not_look_up_what_is_only_on_its_target() -> None:
    """It would be left alone in any case; in mirror mode the source's zero decides, so that it is looked up."""
    for remove, asked in ((RemoveMode.SOURCE, "list"), (RemoveMode.MIRROR, "list sessions find states")):
        household = home(rules=PairRules(direction=Direction.TO_PEER, remove=remove))
        watch(household, "right", "film-0", 20)
        await sync(household)
        assert requests(household, "left") == asked


async def test_mirror_keeps_what_its_source_does_not_have() -> None:
    """Absence is no zero: the title is unresolved and stays."""
    household = home(rules=PairRules(direction=Direction.FROM_PEER, remove=RemoveMode.MIRROR))
    household.servers["left"].add(film(50))
    watch(household, "left", "film-50", 20)
    for _ in range(3):
        assert reasons(await sync(household)) == {"film-50": Reason.NOT_FOUND}
    assert household.position("left", "film-50") == 20 * MINUTE


async def test_copies_are_looked_up_as_one_title() -> None:
    """Only the copy that speaks for the title is asked for; all counterparts are linked."""
    household = home(titles=1)
    household.servers["left"].add(film(0, "4k"))
    household.servers["right"].add(film(0, "4k"))
    watch(household, "left", "film-0", 20)
    watch(household, "left", "4k", 40)
    await sync(household)
    asked = [call.item_ids for call in household.servers["right"].calls if call.route == "find"]
    assert asked == [("4k",)]
    assert household.ledgers[PAIR].links == {"left:4k": ("4k", "film-0")}
    assert sorted(holding.position_ms for holding in household.servers["right"].holdings.values()) == [0, 40 * MINUTE]


async def test_found_item_that_contradicts_is_no_counterpart() -> None:
    """Servers find by any one id; what contradicts as much as it agrees is left alone."""
    household = home(titles=0)
    household.servers["left"].add(movie("theirs", "imdb:tt0000001", "tmdb:2"))
    household.servers["right"].add(movie("other", "imdb:tt0000001", "tmdb:3"))
    watch(household, "left", "theirs", 20)
    assert reasons(await sync(household)) == {"theirs": Reason.NOT_FOUND}
    assert on_right(household) == "list sessions find"


async def test_counterpart_that_cannot_be_read_is_not_written_to() -> None:
    """It is there, so it is no failed look-up either; the title waits for a readable row."""
    household = home()
    household.servers["right"].unknown["film-0"] = "no duration"
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.NOT_FOUND}
    assert not household.ledgers[PAIR].failed
    household.servers["right"].unknown.clear()
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}


async def test_what_was_remembered_of_titles_that_left_progress_is_dropped() -> None:
    """Links, settled decisions and failed look-ups end with the title's progress."""
    household = await one_sided()
    household.servers["left"].add(film(50))
    watch(household, "left", "film-50", 20)
    await sync(household)
    ledger = household.ledgers[PAIR]
    assert (set(ledger.links), set(ledger.settled), set(ledger.failed)) == (
        {"left:film-0"},
        {"left:film-0"},
        {"left:film-50"},
    )
    for item_id in ("film-0", "film-50"):
        household.servers["left"].clear(item_id)
    await sync(household)
    assert (ledger.links, ledger.settled, ledger.failed) == ({}, {}, {})


async def test_counterpart_that_turns_out_to_be_another_title_is_not_counted_as_written() -> None:
    """Matched anew since it was last read: the next best one is read and written in the next run."""
    household = home(titles=0)
    right = household.servers["right"]
    household.servers["left"].add(movie("theirs", "imdb:tt0000001", "tmdb:2", "tvdb:3"))
    right.add(movie("best", "imdb:tt0000001", "tvdb:3"), movie("second", "tmdb:2"))
    for item_id in ("best", "second"):
        watch(household, "right", item_id, 40)
    await sync(household)
    for item_id in ("best", "second"):
        finish(household, "right", item_id)
    await sync(household)
    household.servers["left"].clear("theirs")
    await sync(household)
    watch(household, "left", "theirs", 20)
    right.holdings["best"] = replace(right.holdings["best"], item=movie("best", "imdb:tt0000009"))
    report = await sync(household)
    assert (reasons(report), report.updated) == ({"theirs": Reason.NOT_VERIFIED}, 0)
    assert not right.writes
    report = await sync(household)
    assert (reasons(report), report.updated) == ({"theirs": Reason.ONLY_ON_SOURCE}, 1)
    assert (household.position("right", "best"), household.position("right", "second")) == (0, 20 * MINUTE)
