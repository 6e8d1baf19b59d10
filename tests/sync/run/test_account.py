"""Reading an account: shared snapshots, writes folded in, and what an account remembers of them."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import Activity, Item, PositionWrite, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.account import Account
from tests.sync.builders import at, minutes
from tests.sync.world import HOUR, MINUTE, Clock, ModelServer, film


def an_account(kind: ServerType = ServerType.JELLYFIN, *positions: float) -> tuple[Account, ModelServer]:
    """Return an account whose films `film-0` and on are at these minutes, last played half an hour before noon."""
    server = ModelServer(kind, Clock(), latency_ms=20)
    server.add(*(film(number) for number in range(len(positions))))
    for number, position in enumerate(positions):
        holding = server.holdings[f"film-{number}"]
        server.holdings[f"film-{number}"] = replace(holding, position_ms=minutes(position), date=at(-30))
    return Account("an id", "Anna", server, Journal()), server


async def read(account: Account, server: ModelServer, *, after: int = 5) -> None:
    """Read the account, some minutes later."""
    server.clock.time += after * MINUTE
    await account.read(server.clock.time, server.clock.now)


async def write(account: Account, server: ModelServer, item_id: str, position: float) -> None:
    """Write a position behind the journal's back, as the journal would not expect it."""
    state = account.state(item_id)
    assert state is not None
    await server.write_position(PositionWrite(state, minutes(position)))


async def test_nothing_is_known_before_the_first_read() -> None:
    """No snapshot, an empty shelf, nothing to save."""
    account, _ = an_account(ServerType.JELLYFIN, 20)
    assert account.snapshot is None
    assert (account.shelf().copies, account.shelf().since, account.unsaved) == ({}, 0, False)


async def test_listing_is_read_again_only_when_it_is_too_old() -> None:
    """A read that left at or after the time asked for serves."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    start = server.clock.time
    first = await account.read(start, server.clock.now)
    assert await account.read(start, server.clock.now) is first
    assert server.requests == ["list"]
    assert (await account.read(start + 1, server.clock.now)).read_at > start
    assert server.requests == ["list", "list"]


async def test_listing_from_the_future_is_read_again() -> None:
    """This machine's clock was set back since then."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    await read(account, server, after=-60)
    assert server.requests == ["list", "list"]


async def test_vanished_items_are_read_with_the_sessions() -> None:
    """What the listing leaves out is asked for once: who plays it, and what it holds now."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    server.clear("film-0")
    await read(account, server)
    assert server.requests == ["list", "list", "sessions", "states"]
    assert server.calls[-1].item_ids == ("film-0",)
    copy = account.shelf().copies["film-0"]
    assert (copy.position_ms, copy.fresh, copy.item.title) == (0, True, "Film 0")
    await read(account, server)
    assert server.requests[4:] == ["list"]
    copy = account.shelf().copies["film-0"]
    assert (copy.position_ms, copy.fresh, copy.item.title) == (0, False, "")


@pytest.mark.parametrize("route", ["list", "sessions", "states"])
async def test_failed_read_changes_nothing(route: str) -> None:
    """The error tells whose it is; journal, snapshot and states are as before."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    account.mark_saved()
    snapshot = account.snapshot
    server.clear("film-0")

    async def fail(asked: str, done: bool) -> None:
        if asked == route:
            raise CannotConnect("no")

    server.hook = fail
    with pytest.raises(AccountError, match="no") as failed:
        await read(account, server)
    assert failed.value.account_id == "an id"
    assert isinstance(failed.value.__cause__, CannotConnect)
    assert (account.snapshot, account.unsaved) == (snapshot, False)
    server.hook = None
    await read(account, server)
    assert account.shelf().copies["film-0"].position_ms == 0


async def test_failed_reads_of_single_items_and_look_ups_change_nothing() -> None:
    """Each of them raises the account's error."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    account.mark_saved()
    shelf = account.shelf()
    server.failing = 4
    with pytest.raises(AccountError):
        await account.read_activity()
    with pytest.raises(AccountError):
        await account.read_states({"film-0"}, server.clock.now)
    with pytest.raises(AccountError):
        await account.find([film(0)])
    with pytest.raises(AccountError):
        await account.read_back({"film-0"}, server.clock.now)
    assert (account.shelf(), account.unsaved) == (shelf, False)


async def test_sessions_are_read_once_for_each_listing() -> None:
    """Every run that shares a listing shares them."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    server.play("film-0")
    server.play("film-1", "phone")
    server.pause("phone")
    await read(account, server)
    assert account.shelf().copies["film-0"].activity is None
    for _ in range(2):
        await account.read_activity()
        copies = account.shelf().copies
        assert [copies[f"film-{number}"].activity for number in (0, 1)] == [Activity.PLAYING, Activity.PAUSED]
    await read(account, server)
    await account.read_activity()
    assert server.requests == ["list", "sessions", "list", "sessions"]


async def test_account_that_may_not_read_sessions_blocks_nothing() -> None:
    """Nobody is known to play anything, and it is not asked again."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    server.sessions_readable = False
    server.play("film-0")
    await read(account, server)
    for _ in range(2):
        await account.read_activity()
    assert account.shelf().copies["film-0"].activity is None
    assert server.requests.count("sessions") == 1


async def test_zero_of_an_item_that_is_being_played_means_nothing() -> None:
    """Positions pass through 0 at the start of a play."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    edit = account.journal.entries["film-0"].edit
    server.play("film-0")
    server.seek(0)
    await read(account, server)
    assert account.journal.entries["film-0"].edit == edit
    server.clock.time += HOUR // 2
    server.stop()
    await read(account, server)
    assert account.journal.entries["film-0"].position_ms // MINUTE == 35


async def test_single_reads_are_laid_over_the_listing() -> None:
    """The newest read of each item counts, for the snapshot and for the shelf."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30, 0)
    await read(account, server)
    read_at = account.snapshot.read_at if account.snapshot else None
    server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes(40), date=at(1))
    server.holdings["film-1"] = replace(server.holdings["film-1"], position_ms=0)
    server.clock.time += MINUTE
    await account.read_states({"film-0", "film-1", "film-2"}, server.clock.now)
    snapshot = account.snapshot
    assert snapshot is not None
    assert {item_id: state.position_ms for item_id, state in snapshot.items.items()} == {"film-0": minutes(40)}
    assert snapshot.read_at == read_at
    copies = account.shelf().copies
    assert [copies[f"film-{number}"].position_ms for number in range(3)] == [minutes(40), 0, 0]
    assert copies["film-2"].edit is None


async def test_absent_item_leaves_the_shelf() -> None:
    """It is no copy of anything any more, and no zero."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    del server.holdings["film-0"]
    await read(account, server)
    assert account.state("film-0") is None
    assert set(account.shelf().copies) == {"film-1"}


async def test_row_that_cannot_be_understood_is_kept_as_it_was_known() -> None:
    """Unreadable, at its last position; readable again once a read understands it."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    server.unknown["film-0"] = "no duration"
    await read(account, server)
    copy = account.shelf().copies["film-0"]
    assert (copy.readable, copy.position_ms, account.state("film-0")) == (False, minutes(20), None)
    await account.read_states({"film-0"}, server.clock.now)
    assert not account.shelf().copies["film-0"].readable
    server.unknown.clear()
    await account.read_states({"film-0"}, server.clock.now)
    assert account.shelf().copies["film-0"].readable


async def test_row_that_was_never_known_and_cannot_be_understood_is_left_out() -> None:
    """There is nothing to say about it."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    server.unknown["film-0"] = "no duration"
    await read(account, server)
    assert not account.shelf().copies


async def test_write_that_was_not_expected_is_read_back_as_an_edit() -> None:
    """Only what was intended is ours; anything else is somebody's edit."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    server.clock.time += MINUTE
    await write(account, server, "film-0", 50)
    assert await account.read_back({"film-0"}, server.clock.now) == frozenset()
    edit = account.journal.entries["film-0"].edit
    assert at(5) < edit.earliest == edit.latest <= server.clock.now()


async def test_copy_reads_and_plans_without_a_trace() -> None:
    """What the copy reads is not in the original, nor in its journal."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    account.mark_saved()
    other = account.copy()
    assert other.shelf() == account.shelf()
    shelf = account.shelf()
    server.clock.time += HOUR
    server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes(50), date=at(50))
    await read(other, server)
    await other.read_activity()
    assert other.shelf() != shelf
    assert (account.shelf(), account.unsaved, other.unsaved) == (shelf, False, True)


async def test_only_news_have_to_be_saved() -> None:
    """That an account was read again is no news; a move, a write about to be sent, a first read are."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    unsaved = []
    for position in (20, 20, 50):
        server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes(position))
        await read(account, server)
        unsaved.append(account.unsaved)
        account.mark_saved()
    assert unsaved == [True, False, True]
    assert not account.unsaved


async def test_date_to_send_is_on_the_server_s_clock_in_whole_seconds() -> None:
    """Every server can store those."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    server.skew_ms = HOUR
    await read(account, server)
    assert account.to_server_clock(at(7) + 999) == at(67)


async def test_shelf_tells_history_and_library() -> None:
    """Since when the account is known, how much is in progress, and which revision its library has."""
    account, server = an_account(ServerType.PLEX, 20, 0, 30)
    server.revision = "7"
    start = server.clock.time
    await read(account, server)
    await read(account, server)
    shelf = account.shelf()
    assert shelf.in_progress == 2
    assert (shelf.since, shelf.library_revision, shelf.traits) == (start + 5 * MINUTE, "7", server.traits)


async def test_items_are_found_by_their_ids() -> None:
    """By the wanted item's own id; an empty answer is one."""
    account, _ = an_account(ServerType.JELLYFIN, 0, 0)
    wanted: list[Item] = [film(1, "theirs"), film(9, "unknown")]
    assert await account.find(wanted) == {"theirs": (film(1),), "unknown": ()}
