"""Counterparts: look-ups, links, failed look-ups and their repetition."""

from dataclasses import replace
from itertools import product

import pytest

from custom_components.resume_sync.sync.journal.trail import Lost
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.model import Direction, PairRules, Reason, RemoveMode, Side
from custom_components.resume_sync.sync.plan.scene import Scene
from custom_components.resume_sync.sync.run.resolve import titles_to_resolve
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.sync.builders import at, copy, episode, movie, point, shelf
from tests.sync.household import Household
from tests.sync.stories import PAIR, finish, home, reasons, requests, sync, watch
from tests.sync.world import DAY, HOUR, MINUTE, Holding, film

LATE = PairRules(min_seconds=30 * 60)
"""Rules with a minimum of half an hour: a title at 20 minutes stays on one side."""


async def one_sided(rules: PairRules = LATE) -> Household:
    """Return a household whose film 0 is at 20 minutes on the left, and linked to the right where it is at 0."""
    household = home(rules=rules)
    watch(household, "left", "film-0", 20)
    await sync(household)
    return household


def on_right(household: Household) -> str:
    """Return the requests of the last run to the right server."""
    return requests(household, "right")


async def test_counterpart_is_looked_up_once_and_linked() -> None:
    """While the item stays as it was, it is neither looked up nor read again."""
    household = await one_sided()
    assert on_right(household) == "list sessions find states"
    assert household.ledgers[PAIR].links == {"left:film-0": ("film-0",)}
    for _ in range(2):
        assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
        assert on_right(household) == "list"


async def test_link_is_read_instead_of_looking_up_again() -> None:
    """When the title is moved, its linked item is read, without a search."""
    household = await one_sided()
    watch(household, "left", "film-0", 5)
    assert reasons(await sync(household)) == {"film-0": Reason.BELOW_MINIMUM}
    assert on_right(household) == "list sessions states"
    watch(household, "left", "film-0", 10)
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert on_right(household) == "list sessions states*2 write states"


async def test_link_to_another_title_is_looked_up_again() -> None:
    """The linked item has got other ids on its server, which no longer agree."""
    household = await one_sided()
    right = household.servers["right"]
    right.holdings["film-0"] = Holding(replace(film(70), item_id="film-0"))
    right.add(film(0, "new"))
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}
    assert on_right(household) == "list sessions states find states*2 write states"
    assert (household.position("right", "film-0"), household.position("right", "new")) == (0, 40 * MINUTE)
    assert household.ledgers[PAIR].links == {"left:film-0": ("new",)}


async def test_linked_item_that_is_gone_is_found_again_under_a_new_id() -> None:
    """The reason is `gone` until the library is known to have changed; then the new item is found."""
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
    """One run finds the link broken and looks the new item up."""
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
    """Also when its revision becomes known for the first time; not when only the title was moved."""
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
    """With other ids the item may be another title."""
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
    """A look-up dated in the future does not count."""
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
    """Two titles fit equally well: neither is linked or written to, and idle runs do not look them up."""
    household = await ambiguous()
    for _ in range(2):
        assert reasons(await sync(household)) == {"theirs": Reason.AMBIGUOUS}
        assert on_right(household) == "list"
    assert not household.ledgers[PAIR].links
    assert not household.servers["right"].writes


async def test_ambiguous_title_is_looked_up_again_when_the_library_changed() -> None:
    """One of the two may have been deleted."""
    household = await ambiguous()
    right = household.servers["right"]
    del right.holdings["two"]
    right.revision = "2"
    assert reasons(await sync(household)) == {"theirs": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "one") == 20 * MINUTE


async def test_ambiguous_title_is_mapped_by_hand_at_once() -> None:
    """The run after the mapping follows it, from whichever side it was made."""
    for key, other in (("left:theirs", "two"), ("right:two", "theirs")):
        household = await ambiguous()
        household.ledgers[PAIR].mappings[key] = other
        assert reasons(await sync(household)) == {"theirs": Reason.ONLY_ON_SOURCE}
        assert (household.position("right", "one"), household.position("right", "two")) == (0, 20 * MINUTE)


async def test_title_that_fits_two_titles_in_progress_is_mapped_by_hand() -> None:
    """The two are on the shelf already; a third item chosen by hand is read all the same."""
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
    """Without ids there is no look-up until a person maps them."""
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
    """The mapped item gets the position, not the item with the same ids."""
    household = home()
    household.ledgers[PAIR].mappings["left:film-0"] = "film-2"
    watch(household, "left", "film-0", 20)
    await sync(household)
    assert on_right(household) == "list sessions states*2 write states"
    assert [household.position("right", f"film-{number}") // MINUTE for number in range(3)] == [0, 0, 20]


async def test_mapping_to_an_item_that_is_gone_falls_back_to_the_ids() -> None:
    """A look-up by ids follows; where it finds nothing, idle runs do not repeat it."""
    household = home(titles=2)
    household.servers["left"].add(film(50))
    ledger = household.ledgers[PAIR]
    ledger.mappings |= {"left:film-0": "deleted", "left:film-50": "deleted"}
    watch(household, "left", "film-0", 20)
    watch(household, "left", "film-50", 20)
    found = reasons(await sync(household))
    assert found == {"film-0": Reason.ONLY_ON_SOURCE, "film-50": Reason.GONE}
    await sync(household)
    assert on_right(household) == "list"


async def test_ignored_titles_are_not_looked_up() -> None:
    """Ignored in progress: no look-up. Ignored on the other side: left alone once it is found."""
    household = home()
    household.ledgers[PAIR].mappings |= {"left:film-0": None, "right:film-1": None}
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.IGNORED}
    assert on_right(household) == "list"
    watch(household, "left", "film-1", 20)
    for expected in ("list sessions find states", "list"):
        assert reasons(await sync(household)) == {"film-0": Reason.IGNORED, "film-1": Reason.IGNORED}
        assert on_right(household) == expected


async def test_one_way_pair_does_not_look_up_titles_in_progress_on_its_target_alone() -> None:
    """They are left alone in any case. In mirror mode they are looked up, because a 0 on the source decides."""
    for remove, asked in ((RemoveMode.SOURCE, "list"), (RemoveMode.MIRROR, "list sessions find states")):
        household = home(rules=PairRules(direction=Direction.TO_PEER, remove=remove))
        watch(household, "right", "film-0", 20)
        await sync(household)
        assert requests(household, "left") == asked


async def test_mirror_keeps_titles_that_its_source_does_not_have() -> None:
    """Absence is no 0: the title is unresolved and stays."""
    household = home(rules=PairRules(direction=Direction.FROM_PEER, remove=RemoveMode.MIRROR))
    household.servers["left"].add(film(50))
    watch(household, "left", "film-50", 20)
    for _ in range(3):
        assert reasons(await sync(household)) == {"film-50": Reason.NOT_FOUND}
    assert household.position("left", "film-50") == 20 * MINUTE


def test_a_title_that_was_lost_everywhere_is_not_looked_up() -> None:
    """Its server shows it at 0. An abandoned play is still shown in progress, further on."""
    wanted = []
    for shown in (0, 47):
        one = copy(40, point(1), shown=shown, lost=Lost.LOST)
        scene = Scene(shelf(one), shelf(), PairRules(), Ledger(), at(600))
        wanted.append(titles_to_resolve(scene)[Side.LEFT])
    assert wanted == [(), (one,)]


async def test_copies_are_looked_up_as_one_title() -> None:
    """One look-up for the newest copy; all counterparts are linked to it."""
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


async def two_cuts(*, long_cut_at: int) -> Household:
    """Return a household with the short cut of a film on the left, in progress, and both cuts on the right."""
    household = home(titles=0)
    household.servers["left"].add(film(0, "short", 82 * MINUTE))
    household.servers["right"].add(film(0, "a-long", 106 * MINUTE), film(0, "b-short", 82 * MINUTE))
    if long_cut_at:
        watch(household, "right", "a-long", long_cut_at)
        await sync(household)
    watch(household, "left", "short", 40)
    return household


@pytest.mark.parametrize("long_cut_at", [0, 12])
async def test_a_position_goes_to_the_cut_that_it_fits(long_cut_at: int) -> None:
    """Also where the other cut has an old position, so that the one that fits has to be looked up."""
    household = await two_cuts(long_cut_at=long_cut_at)
    assert (await sync(household)).updated == 1
    assert household.position("right", "b-short") == 40 * MINUTE
    assert household.position("right", "a-long") == long_cut_at * MINUTE
    await sync(household)
    assert (on_right(household), requests(household, "left")) == ("list", "list")


async def test_a_cut_that_fits_is_not_looked_for_in_every_run() -> None:
    """Another cut is all that there is: settled until the title is moved, and found then if it has come."""
    household = await two_cuts(long_cut_at=12)
    right = household.servers["right"]
    del right.holdings["b-short"]
    right.add(film(0, "longest", 130 * MINUTE))
    assert set(reasons(await sync(household)).values()) == {Reason.DURATION_DIFFERS}
    for _ in range(2):
        assert set(reasons(await sync(household)).values()) == {Reason.DURATION_DIFFERS}
        assert (on_right(household), requests(household, "left")) == ("list", "list")
    right.add(film(0, "new", 83 * MINUTE))
    watch(household, "left", "short", 20)
    assert set(reasons(await sync(household)).values()) == {Reason.NEWER_POSITION}
    assert household.position("right", "new") == 60 * MINUTE


async def in_two_libraries() -> Household:
    """Return a household with film 0 in the libraries 4K and Films of both, left at 40 minutes in 4K on the left."""
    household = home(titles=0)
    for server in household.servers.values():
        server.add(film(0, "a-hd"), film(0, "z-4k"))
        server.libraries = {"a-hd": "Films", "z-4k": "4K"}
    watch(household, "left", "z-4k", 40)
    return household


async def test_a_position_goes_to_the_copy_in_the_library_of_the_same_name() -> None:
    """Both copies fit, so their libraries are asked for; once one of them is in progress nothing is."""
    household = await in_two_libraries()
    assert (await sync(household)).updated == 1
    assert [household.position("right", item_id) for item_id in ("a-hd", "z-4k")] == [0, 40 * MINUTE]
    assert on_right(household) == "list sessions find states libraries states write states"
    assert requests(household, "left") == "list sessions libraries"
    watch(household, "left", "z-4k", 10)
    assert (await sync(household)).updated == 1
    assert on_right(household) == "list sessions states write states"
    await sync(household)
    assert (on_right(household), requests(household, "left")) == ("list", "list")


async def test_copies_that_were_read_long_ago_are_read_before_one_is_written_to() -> None:
    """Both are known to be at 0: the one in the right library is read in the run that writes to it."""
    household = await in_two_libraries()
    await sync(household)
    for item_id in ("z-4k", "a-hd"):
        watch(household, "right", item_id, 10)
        await sync(household)
        for name, each in product(("left", "right"), ("a-hd", "z-4k")):
            finish(household, name, each)
        await sync(household)
    watch(household, "left", "z-4k", 20)
    assert (await sync(household)).updated == 1
    assert [household.position("right", item_id) for item_id in ("a-hd", "z-4k")] == [0, 20 * MINUTE]
    assert on_right(household) == "list sessions states*2 libraries states write states"


async def test_copies_whose_libraries_nobody_tells() -> None:
    """The first by its id is written to; a preview asks as well, and leaves no trace."""
    household = await in_two_libraries()
    for server in household.servers.values():
        server.libraries = {}
    preview = await sync(household, RunMode.PREVIEW)
    assert [decision.target_item_ids for decision in preview.decisions] == [("a-hd",)]
    await sync(household)
    assert [household.position("right", item_id) for item_id in ("a-hd", "z-4k")] == [40 * MINUTE, 0]


async def test_found_item_with_contradicting_ids_is_no_counterpart() -> None:
    """Servers search by any one id. One id agrees, another contradicts: no counterpart."""
    household = home(titles=0)
    household.servers["left"].add(movie("theirs", "imdb:tt0000001", "tmdb:2"))
    household.servers["right"].add(movie("other", "imdb:tt0000001", "tmdb:3"))
    watch(household, "left", "theirs", 20)
    assert reasons(await sync(household)) == {"theirs": Reason.NOT_FOUND}
    assert on_right(household) == "list sessions find"


async def test_an_episode_found_by_number_that_aired_another_year_is_ambiguous() -> None:
    """Aired and disc order: looked up once, written to nothing, and looked up again when its air date is corrected."""
    household = home(titles=0)
    left, right = household.servers["left"], household.servers["right"]
    left.add(replace(episode("here", show=["tvdb:1"]), aired=735_000))
    right.add(replace(episode("there", show=["tvdb:1"]), aired=735_400))
    watch(household, "left", "here", 20)
    for expected in ("list sessions find", "list"):
        assert reasons(await sync(household)) == {"here": Reason.AMBIGUOUS}
        assert on_right(household) == expected
    left.holdings["here"] = replace(
        left.holdings["here"], item=replace(episode("here", show=["tvdb:1"]), aired=735_399)
    )
    assert reasons(await sync(household)) == {"here": Reason.ONLY_ON_SOURCE}
    assert household.position("right", "there") == 20 * MINUTE


async def test_counterpart_with_an_unreadable_row_is_not_written_to() -> None:
    """The look-up did not fail; the title is written as soon as the row can be parsed."""
    household = home()
    household.servers["right"].unknown["film-0"] = "position"
    watch(household, "left", "film-0", 20)
    assert reasons(await sync(household)) == {"film-0": Reason.UNREADABLE}
    assert not household.ledgers[PAIR].failed
    household.servers["right"].unknown.clear()
    assert reasons(await sync(household)) == {"film-0": Reason.ONLY_ON_SOURCE}


async def test_records_of_titles_that_left_progress_are_dropped() -> None:
    """Links, settled decisions and failed look-ups are gone once the titles are cleared."""
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
    """Its ids changed since it was last read: nothing is written, and the next run writes to the second-best item."""
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
