"""Accounts: shared listings, single reads laid over them, copies for previews."""

from dataclasses import replace

import pytest

from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.media_server import CannotConnect
from custom_components.resume_sync.sync.model import Activity, Item, PositionWrite, Reason, ServerType
from custom_components.resume_sync.sync.plan.decision import AccountError
from custom_components.resume_sync.sync.run.account import Account
from tests.sync.builders import at, minutes
from tests.sync.world import HOUR, MINUTE, Clock, Holding, ModelServer, film


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


async def test_listing_is_read_again_when_it_is_too_old() -> None:
    """A listing that began at or after the time asked for is used again."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    start = server.clock.time
    first = await account.read(start, server.clock.now)
    assert await account.read(start, server.clock.now) is first
    assert server.requests == ["list"]
    assert (await account.read(start + 1, server.clock.now)).read_at > start
    assert server.requests == ["list", "list"]


async def test_listing_from_the_future_is_read_again() -> None:
    """This machine's clock was set back after the listing."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    await read(account, server, after=-60)
    assert server.requests == ["list", "list"]


async def test_vanished_items_are_read_with_the_sessions() -> None:
    """One request for the sessions, one for the items that the listing left out."""
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
    """The error names the account; journal, snapshot and states are as before."""
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
    """The error names the account; the states are as before."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    account.mark_saved()
    shelf = account.shelf()
    server.failing = 5
    with pytest.raises(AccountError):
        await account.read_libraries({"film-0"})
    with pytest.raises(AccountError):
        await account.read_activity()
    with pytest.raises(AccountError):
        await account.read_states({"film-0"}, server.clock.now)
    with pytest.raises(AccountError):
        await account.find([film(0)])
    with pytest.raises(AccountError):
        await account.read_back({"film-0"})
    assert (account.shelf(), account.unsaved) == (shelf, False)


async def test_sessions_are_read_once_for_each_listing() -> None:
    """All runs that share a listing share the sessions read with it."""
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
    """No item counts as open, and the sessions are not asked for again."""
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
    """Snapshot and shelf show the newest read of each item."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30, 0)
    await read(account, server)
    read_at = account.snapshot.read_at if account.snapshot else None
    server.holdings["film-0"] = replace(server.holdings["film-0"], position_ms=minutes(40), date=at(1))
    server.clear("film-1")
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
    """An absent item is neither a copy nor a 0."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    del server.holdings["film-0"]
    await read(account, server)
    assert account.state("film-0") is None
    assert set(account.shelf().copies) == {"film-1"}


@pytest.mark.parametrize("named", [True, False])
async def test_unreadable_row_is_kept_as_it_was_known(*, named: bool) -> None:
    """The copy is marked as unreadable, at its last position, until a read can parse the row."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    server.named_rows = named
    await read(account, server)
    server.unknown["film-0"] = "position"
    await read(account, server)
    copy = account.shelf().copies["film-0"]
    assert (copy.unread, copy.position_ms, account.state("film-0")) == (Reason.UNREADABLE, minutes(20), None)
    assert (copy.item.title, copy.item.ids) == ("Film 0" if named else "", film(0).ids)
    await account.read_states({"film-0"}, server.clock.now)
    assert account.shelf().copies["film-0"].unread is Reason.UNREADABLE
    server.unknown.clear()
    await account.read_states({"film-0"}, server.clock.now)
    assert account.shelf().copies["film-0"].unread is None


async def test_unreadable_row_of_an_unknown_item_is_what_it_tells() -> None:
    """Its title is on the shelf, at no position; without a row that names it, nothing is."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    server.unknown["film-0"] = "position"
    await read(account, server)
    copy = account.shelf().copies["film-0"]
    assert (copy.item, copy.position_ms, copy.edit, copy.unread) == (film(0), 0, None, Reason.UNREADABLE)
    server.named_rows = False
    await read(account, server)
    assert not account.shelf().copies


async def test_unreadable_item_that_a_look_up_found_is_on_the_shelf() -> None:
    """The server refuses to tell about its id, but a look-up named it."""
    account, server = an_account(ServerType.JELLYFIN, 0)
    server.named_rows = False
    await read(account, server)
    await account.find([film(0, "theirs")])
    server.unknown["film-0"] = "status 500"
    await account.read_states({"film-0"}, server.clock.now)
    assert account.shelf().copies["film-0"].item == film(0)


async def test_unreadable_row_of_another_title_does_not_stand_where_the_known_one_was() -> None:
    """film-0 is another film now: its place is not known."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    server.holdings["film-0"] = Holding(film(7, "film-0"))
    server.unknown["film-0"] = "position"
    await read(account, server)
    copy = account.shelf().copies["film-0"]
    assert (copy.item.ids, copy.position_ms, copy.edit) == (film(7).ids, 0, None)


async def test_items_that_were_not_asked_for_stand_where_they_were_known() -> None:
    """They vanished from the list, and the server asks for some of them only: the others come in a later round."""
    account, server = an_account(ServerType.JELLYFIN, 20, 30)
    await read(account, server)
    server.hidden = {"film-0", "film-1"}
    server.unasked = {"film-1"}
    await read(account, server)
    copies = account.shelf().copies
    assert (copies["film-1"].unread, copies["film-1"].position_ms) == (Reason.NOT_VERIFIED, minutes(30))
    assert (copies["film-0"].unread, account.unasked) == (None, frozenset({"film-1"}))
    server.unasked = set()
    await read(account, server)
    assert (account.shelf().copies["film-1"].unread, account.unasked) == (None, frozenset())


async def test_write_that_was_not_expected_is_read_back_as_an_edit() -> None:
    """Without an intent a new position is a viewer's edit."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    await read(account, server)
    server.clock.time += MINUTE
    await write(account, server, "film-0", 50)
    back = await account.read_back({"film-0"})
    assert account.record_writes(back, {"film-0"}, server.clock.now) == frozenset()
    edit = account.journal.entries["film-0"].edit
    assert edit.latest == server.clock.now()


async def test_copy_reads_and_plans_without_a_trace() -> None:
    """Reads of the copy change neither the original nor its journal."""
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


async def test_journal_has_to_be_saved_when_it_changed() -> None:
    """A first read, a move and an intent are changes; a read that shows nothing new is none."""
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
    """Every server can store whole seconds."""
    account, server = an_account(ServerType.JELLYFIN, 20)
    server.skew_ms = HOUR
    await read(account, server)
    assert account.to_server_clock(at(7) + 999) == at(67)


async def test_shelf_tells_history_and_library() -> None:
    """The start of the history, the number of items in progress, and the revision of the library."""
    account, server = an_account(ServerType.PLEX, 20, 0, 30)
    server.revision = "7"
    start = server.clock.time
    await read(account, server)
    await read(account, server)
    shelf = account.shelf()
    assert shelf.in_progress == 2
    assert (shelf.since, shelf.library_revision, shelf.traits) == (start + 5 * MINUTE, "7", server.traits)


async def test_items_are_found_by_their_ids() -> None:
    """The answer is keyed by the wanted item's id, and may be empty."""
    account, _ = an_account(ServerType.JELLYFIN, 0, 0)
    wanted: list[Item] = [film(1, "theirs"), film(9, "unknown")]
    assert await account.find(wanted) == {"theirs": (film(1),), "unknown": ()}
