"""Titles hidden on Plex in place of a removal, and titles that somebody hid on Plex or Emby."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause
from custom_components.resume_sync.sync.media_server import CannotConnect, NotFound
from custom_components.resume_sync.sync.model import (
    Action,
    Direction,
    MediaKind,
    PairRules,
    Reason,
    RemoveMode,
    ServerType,
)
from custom_components.resume_sync.sync.plan.brake import Approval
from custom_components.resume_sync.sync.plan.decision import Report
from custom_components.resume_sync.sync.run.runner import RunMode
from custom_components.resume_sync.sync.run.undo import Fate
from tests.sync.household import Household
from tests.sync.stories import PAIR, both_hold, finish, home, power_fails, reasons, sync, watch
from tests.sync.undoing import undo_pair
from tests.sync.world import DAY, MINUTE, Call, ModelServer

JELLYFIN, EMBY, PLEX = ServerType.JELLYFIN, ServerType.EMBY, ServerType.PLEX
SOURCE = PairRules(remove=RemoveMode.SOURCE)
HIDE = replace(SOURCE, hide_on_plex=True)
MIRROR = PairRules(direction=Direction.TO_PEER, remove=RemoveMode.MIRROR, hide_on_plex=True)
AWAITING = {"film-0": Reason.AWAITING_CONFIRMATION}
FILM = "film-0"


async def on_both(
    left: ServerType = JELLYFIN, right: ServerType = PLEX, rules: PairRules = HIDE, *, titles: int = 3
) -> tuple[Household, ModelServer, ModelServer]:
    """Return a household that holds some films at 20 minutes on both sides, film 2 left first; and its servers."""
    household = home(left, right, titles=titles, rules=rules)
    for number in reversed(range(titles)):
        watch(household, "left", f"film-{number}", 20)
        await sync(household, approval=Approval.EVERYTHING)
    await sync(household)
    return household, household.servers["left"], household.servers["right"]


def told(report: Report, item_id: str = FILM) -> Reason:
    """Return why one title was decided as it was."""
    return reasons(report)[item_id]


def in_progress(household: Household, name: str) -> set[str]:
    """Return what is in progress on a server as people are told."""
    snapshot = household.accounts[name].snapshot
    assert snapshot is not None
    return set(snapshot.items)


async def taken_over(household: Household) -> Reason:
    """Run the pair twice, as for a removal; return the reason of the second run for film 0."""
    assert told(await sync(household)) is Reason.AWAITING_CONFIRMATION
    return told(await sync(household))


async def hide_on_plex(household: Household, item_id: str = FILM) -> None:
    """Hide a title on Plex by hand, and let one look find it missing: the next one believes it."""
    household.servers["right"].hide_by_hand(item_id)
    assert reasons(await sync(household))[item_id] is Reason.IN_SYNC


async def assert_at_rest(household: Household) -> None:
    """Check that further runs change nothing."""
    for _ in range(3):
        await sync(household, after=20)
        assert not any(server.writes for server in household.servers.values())


@pytest.mark.parametrize("rules", [HIDE, MIRROR])
async def test_a_finished_title_is_hidden_on_plex(rules: PairRules) -> None:
    """In the second run; position, mark and date stay, it counts as removed, and nothing is done to it again."""
    household, _, plex = await on_both(rules=rules)
    before = plex.holdings[FILM]
    finish(household, "left", FILM)
    assert told(await sync(household)) is Reason.AWAITING_CONFIRMATION
    assert not plex.writes
    report = await sync(household)
    assert (told(report), report.cleared) == (
        Reason.MIRRORED if rules is MIRROR else Reason.FINISHED_ON_SOURCE,
        1,
    )
    assert plex.writes == [Call("hide", (FILM,))]
    assert plex.holdings[FILM] == replace(before, hidden=True)
    assert household.ledgers[PAIR].cleared_total == 1
    assert FILM not in in_progress(household, "right")
    await assert_at_rest(household)
    household.start()
    await assert_at_rest(household)


async def test_nothing_is_hidden_unless_somebody_said_so() -> None:
    """Without the rule a removal is not supported, and a mark as unwatched is never its substitute."""
    household, _, plex = await on_both(rules=SOURCE)
    finish(household, "left", FILM)
    for _ in range(3):
        assert told(await sync(household)) is Reason.NOT_SUPPORTED
    assert not plex.writes
    assert plex.holdings[FILM].position_ms == 20 * MINUTE


async def test_a_hidden_title_counts_again_once_it_is_moved() -> None:
    """An app that tells the old position once more shows it again, and is no viewer; one that plays on is."""
    household, jellyfin, plex = await on_both()
    plex.play(FILM)
    plex.pause()
    await sync(household)
    finish(household, "left", FILM)
    plex.sessions.clear()
    assert await taken_over(household) is Reason.FINISHED_ON_SOURCE
    plex.holdings[FILM] = replace(plex.holdings[FILM], hidden=False, date=household.clock.time // 1000 * 1000)
    await assert_at_rest(household)
    assert jellyfin.holdings[FILM].position_ms == 0

    watch(household, "right", FILM, 10)
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert jellyfin.holdings[FILM].position_ms == 30 * MINUTE
    await assert_at_rest(household)


async def test_a_rewatch_elsewhere_shows_it_again() -> None:
    """A position is written over the hidden one however close it is: the title is to be seen again."""
    household, jellyfin, plex = await on_both()
    finish(household, "left", FILM)
    assert await taken_over(household) is Reason.FINISHED_ON_SOURCE
    jellyfin.holdings[FILM] = replace(jellyfin.holdings[FILM], position_ms=0)
    watch(household, "left", FILM, 20)
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert (plex.holdings[FILM].position_ms, plex.holdings[FILM].hidden) == (20 * MINUTE, False)
    await assert_at_rest(household)


async def test_a_request_that_plex_ignores_is_sent_again() -> None:
    """The hub still shows the title: that is told, and tried again later."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)
    plex.ignoring = 1
    assert told(await sync(household)) is Reason.NOT_VERIFIED
    assert told(await sync(household)) is Reason.FINISHED_ON_SOURCE
    assert plex.holdings[FILM].hidden


async def test_a_hub_that_is_not_told_proves_nothing() -> None:
    """The request was taken, and whether it did anything is unknown until a look tells."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)
    plex.hub_told = False
    assert told(await sync(household)) is Reason.NOT_VERIFIED
    plex.hub_told = True
    # Two looks of runs that only plan find it missing: that is our request, and nobody's wish.
    for _ in range(2):
        await sync(household, RunMode.PLAN, after=0)
    assert FILM not in reasons(await sync(household))
    assert household.accounts["right"].journal.entries[FILM].edit.cause is Cause.FINISHED
    await assert_at_rest(household)


async def test_plex_goes_away_while_its_hub_is_read() -> None:
    """The title is hidden and nobody knows: the next runs end where they would have. An undo of it asks no more."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)

    async def goes_away(route: str, answered: bool) -> None:
        plex.failing = int(route == "hub" and not answered and plex.holdings[FILM].hidden)

    plex.hook = goes_away
    report = await sync(household)
    assert (told(report), len(report.failures)) == (Reason.NOT_VERIFIED, 1)
    plex.hook = None
    assert told(await sync(household)) is Reason.FINISHED_ON_SOURCE
    await assert_at_rest(household)
    plex.hook = goes_away
    plex.ignoring = 1
    done = await undo_pair(household)
    assert done == {Fate.RESTORED: 1}


async def test_a_full_hub_proves_nothing_of_a_title_that_was_not_on_it() -> None:
    """Of one that was on it before it does."""
    household, _, plex = await on_both()
    plex.hub_size = 2
    await sync(household)
    finish(household, "left", "film-2")
    await sync(household)
    report = await sync(household)
    assert reasons(report)["film-2"] is Reason.NOT_VERIFIED
    finish(household, "left", FILM)
    plex.hub_size = 3
    await sync(household)
    plex.hub_size = 2
    assert told(await sync(household)) is Reason.FINISHED_ON_SOURCE


async def test_a_title_that_is_gone_from_plex() -> None:
    """It is unresolved, as after any other write."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)
    plex.write_errors[FILM] = NotFound("gone")
    (decision,) = [one for one in (await sync(household)).decisions if one.item.item_id == FILM]
    assert (decision.action, decision.reason) == (Action.UNRESOLVED, Reason.GONE)


async def test_a_viewer_is_not_disturbed() -> None:
    """What plays on Plex is hidden when it has ended, if nobody moved it."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)
    plex.play(FILM)
    plex.pause()
    assert told(await sync(household)) is Reason.PLAYING_ON_TARGET
    assert not plex.writes


async def test_many_titles_to_hide_wait_for_an_answer() -> None:
    """They count as removals: more than ten, and more than a quarter of the shelf."""
    household, _, plex = await on_both(titles=12)
    for number in range(11):
        finish(household, "left", f"film-{number}")
    await sync(household)
    journal = household.accounts["left"].journal
    journal.answer_held(journal.held(), meant=True, now=household.clock.time)
    report = await sync(household)
    assert report.held_removals == 11
    await sync(household, approval=Approval.REMOVALS)
    assert sum(holding.hidden for holding in plex.holdings.values()) == 11


async def test_undo_shows_it_again() -> None:
    """The position is written once more; nothing brings the title back by itself until somebody moves it."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await taken_over(household)
    done = await undo_pair(household)
    assert done == {Fate.RESTORED: 1}
    assert (plex.holdings[FILM].position_ms, plex.holdings[FILM].hidden) == (20 * MINUTE, False)
    assert told(await sync(household)) is Reason.UNDONE
    assert FILM in in_progress(household, "right")


@pytest.mark.parametrize(("told_there", "not_shown"), [(True, True), (False, False)])
async def test_undo_says_what_does_not_return(told_there: bool, not_shown: bool) -> None:
    """The position is there, and the hub does not show it: Plex took it, and hides the title all the same."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await taken_over(household)
    plex.ignoring = 1
    plex.hub_told = told_there
    done = await undo_pair(household)
    assert done == {Fate.NOT_SHOWN if not_shown else Fate.RESTORED: 1}


async def test_undo_leaves_alone_what_was_moved_since() -> None:
    """Also where it was moved back to the old place."""
    household, _, plex = await on_both()
    finish(household, "left", FILM)
    await taken_over(household)
    plex.play(FILM)
    plex.seek(30 * MINUTE)
    plex.stop()
    await household.accounts["right"].read_states({FILM}, household.clock.now)
    household.clock.time += MINUTE
    plex.play(FILM)
    plex.seek(20 * MINUTE)
    plex.stop()
    done = await undo_pair(household)
    assert done == {Fate.MOVED: 1}


@pytest.mark.parametrize("after", [False, True])
async def test_the_power_fails_while_a_title_is_hidden(after: bool) -> None:
    """Before or after the request has taken effect: the next runs end where they would have, and blame nobody."""
    household, jellyfin, plex = await on_both()
    finish(household, "left", FILM)
    await sync(household)
    await power_fails(household, "right", "hide", arrived=after)
    for _ in range(3):
        await sync(household)
    assert plex.holdings[FILM].hidden
    assert household.accounts["right"].journal.entries[FILM].edit.cause is Cause.FINISHED
    await assert_at_rest(household)
    assert jellyfin.holdings[FILM].position_ms == 0


async def test_hidden_by_somebody_on_plex() -> None:
    """A wish like any other removal: the other side is cleared by the second run, and Plex keeps its position."""
    household, jellyfin, plex = await on_both(rules=SOURCE)
    await hide_on_plex(household)
    assert await taken_over(household) is Reason.HIDDEN_ON_SOURCE
    assert jellyfin.holdings[FILM].position_ms == 0
    assert (plex.holdings[FILM].position_ms, plex.writes) == (20 * MINUTE, [])
    assert FILM not in in_progress(household, "right")
    await assert_at_rest(household)
    watch(household, "right", FILM, 5)
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert jellyfin.holdings[FILM].position_ms == 25 * MINUTE


async def test_missing_once_is_no_wish() -> None:
    """A hub that leaves a title out for a while, and shows it again: nothing is removed."""
    household, jellyfin, plex = await on_both(rules=SOURCE)
    for _ in range(3):
        await hide_on_plex(household)
        plex.holdings[FILM] = replace(plex.holdings[FILM], hidden=False)
        assert told(await sync(household)) is Reason.IN_SYNC
    assert jellyfin.holdings[FILM].position_ms == 20 * MINUTE


@pytest.mark.parametrize("blind", [0, 2])
async def test_moved_elsewhere_soon_after_it_was_hidden(blind: int) -> None:
    """Nobody knows which came first, however many looks failed in between: a 0 never wins by a guess."""
    household, jellyfin, plex = await on_both(rules=SOURCE)
    plex.hide_by_hand(FILM)
    plex.hub_told = not blind
    household.clock.time += MINUTE
    jellyfin.play(FILM)
    household.clock.time += MINUTE
    jellyfin.pause()
    plex.write_errors[FILM] = CannotConnect("down")
    for _ in range(blind):
        await sync(household, after=1)
    plex.hub_told = True
    for _ in range(4):
        await sync(household, after=1)
        assert jellyfin.holdings[FILM].position_ms == 21 * MINUTE


async def test_hidden_and_moved_elsewhere() -> None:
    """The later edit wins: the title comes back to Plex from where it was played on."""
    household, _, plex = await on_both(rules=SOURCE)
    await hide_on_plex(household)
    await sync(household)
    household.clock.time += MINUTE
    watch(household, "left", FILM, 10)
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert (plex.holdings[FILM].position_ms, plex.holdings[FILM].hidden) == (30 * MINUTE, False)
    await assert_at_rest(household)


@pytest.mark.parametrize("rules", [PairRules(), replace(SOURCE, direction=Direction.TO_PEER)])
async def test_nobody_looks_where_nothing_is_removed(rules: PairRules) -> None:
    """Neither the other way of a one-way pair, nor a pair that keeps what was removed, asks for the hub."""
    household, jellyfin, plex = await on_both(rules=rules)
    plex.hide_by_hand(FILM)
    for _ in range(3):
        await sync(household)
        assert "hub" not in plex.requests
    assert jellyfin.holdings[FILM].position_ms == plex.holdings[FILM].position_ms


async def test_looking_ends_with_the_last_pair_that_removes() -> None:
    """An hour later, without a restart."""
    household, _, plex = await on_both(rules=SOURCE)
    await sync(household)
    assert plex.requests.count("hub") == 1
    household.rules[PAIR] = PairRules()
    await sync(household, after=59)
    assert plex.requests.count("hub") == 1
    await sync(household)
    assert "hub" not in plex.requests


@pytest.mark.parametrize("fault", ["not told", "full", "oldest"])
async def test_absence_from_the_hub_proves_nothing(fault: str) -> None:
    """Where the hub is not told or full, or nothing older is on it."""
    household, jellyfin, plex = await on_both(rules=SOURCE)
    hidden = "film-2" if fault == "oldest" else FILM
    plex.hide_by_hand(hidden)
    plex.hub_told = fault != "not told"
    plex.hub_size = 2 if fault == "full" else None
    for _ in range(3):
        assert reasons(await sync(household))[hidden] is Reason.IN_SYNC
    assert jellyfin.holdings[hidden].position_ms == 20 * MINUTE
    # What is told later is told for the time since the last look that saw it.
    if fault == "not told":
        plex.hub_told = True
        await hide_on_plex(household)
        assert await taken_over(household) is Reason.HIDDEN_ON_SOURCE


async def test_another_episode_takes_the_place_on_the_hub() -> None:
    """The one that was left last stands for its show: nobody hid the other one."""
    household, jellyfin, plex = await on_both(rules=SOURCE, titles=3)
    for server in household.servers.values():
        for number in (0, 1):
            holding = server.holdings[f"film-{number}"]
            episode = replace(holding.item, show_ids=frozenset({"show:tvdb:1"}), season=1, episode=number)
            server.holdings[f"film-{number}"] = replace(holding, item=replace(episode, kind=MediaKind.MOVIE))
    await sync(household)
    watch(household, "right", "film-1", 5)
    for _ in range(3):
        assert told(await sync(household)) is Reason.IN_SYNC
    assert jellyfin.holdings[FILM].position_ms == 20 * MINUTE
    plex.hide_by_hand("film-1")
    await sync(household)
    assert reasons(await sync(household))["film-1"] is Reason.IN_SYNC


async def test_a_preview_does_not_use_up_a_look() -> None:
    """What it saw is seen by the next run too, and by then it counts."""
    household, _, _ = await on_both(rules=SOURCE)
    await hide_on_plex(household)
    assert told(await sync(household, RunMode.PREVIEW)) is Reason.AWAITING_CONFIRMATION
    assert told(await sync(household, RunMode.PREVIEW)) is Reason.AWAITING_CONFIRMATION
    assert await taken_over(household) is Reason.HIDDEN_ON_SOURCE


async def test_a_look_that_fails_fails_the_read() -> None:
    """A server that is away is away; the next look is compared with the last one that came."""
    household, _, plex = await on_both(rules=SOURCE)
    await hide_on_plex(household)
    plex.failing = 1
    with pytest.raises(Exception, match="down") as caught:
        await sync(household)
    assert isinstance(caught.value.__cause__, CannotConnect)
    assert await taken_over(household) is Reason.HIDDEN_ON_SOURCE


async def test_hidden_by_somebody_on_emby() -> None:
    """Emby says so itself, whatever the pair's rules: it counts from then on, and travels where removals do."""
    household = await both_hold(EMBY, JELLYFIN, rules=SOURCE)
    emby, jellyfin = household.servers["left"], household.servers["right"]
    emby.hide_by_hand(FILM)
    assert await taken_over(household) is Reason.HIDDEN_ON_SOURCE
    assert (emby.holdings[FILM].position_ms, jellyfin.holdings[FILM].position_ms) == (20 * MINUTE, 0)
    await assert_at_rest(household)


async def test_a_mark_that_emby_keeps_is_one_wish() -> None:
    """Played on while the mark stays: the later edit counts, and the old mark does not hide it again."""
    household = await both_hold(EMBY, JELLYFIN, rules=SOURCE)
    emby, jellyfin = household.servers["left"], household.servers["right"]
    emby.hide_by_hand(FILM)
    await taken_over(household)
    emby.holdings[FILM] = replace(
        emby.holdings[FILM], position_ms=40 * MINUTE, date=household.clock.time // 1000 * 1000, hidden=True
    )
    household.clock.time += 20 * MINUTE
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert jellyfin.holdings[FILM].position_ms == 40 * MINUTE
    await assert_at_rest(household)


async def test_hidden_on_emby_where_nothing_is_removed() -> None:
    """The other side keeps its position; played on there, the title is shown on Emby again."""
    household = await both_hold(EMBY, JELLYFIN)
    emby, jellyfin = household.servers["left"], household.servers["right"]
    emby.hide_by_hand(FILM)
    for _ in range(3):
        assert told(await sync(household)) is Reason.REMOVE_OFF
    assert jellyfin.holdings[FILM].position_ms == 20 * MINUTE
    watch(household, "right", FILM, 15)
    assert told(await sync(household)) is Reason.ONLY_ON_SOURCE
    assert (emby.holdings[FILM].position_ms, emby.holdings[FILM].hidden) == (35 * MINUTE, False)


async def test_hidden_before_anybody_looked() -> None:
    """On Emby, at the first run: a title that is not in progress there, since nobody knows when."""
    household = home(EMBY, JELLYFIN, rules=SOURCE)
    emby, jellyfin = household.servers["left"], household.servers["right"]
    watch(household, "left", FILM, 20)
    emby.hide_by_hand(FILM)
    household.clock.time += DAY
    watch(household, "right", FILM, 30)
    for _ in range(3):
        await sync(household)
    assert jellyfin.holdings[FILM].position_ms == 30 * MINUTE
