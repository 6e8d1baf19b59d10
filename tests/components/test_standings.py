"""Where titles stand on several accounts: which copies are one title, and where a viewer moved it last."""

from dataclasses import replace

from custom_components.resume_sync.dashboard.standings import Link, Place, Standing, standings
from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.journal.journal import Journal
from custom_components.resume_sync.sync.model import Item, ServerType
from custom_components.resume_sync.sync.run.account import Account
from tests.sync.builders import at, minutes, movie
from tests.sync.world import Clock, ModelServer, film


async def an_account(name: str, *items: tuple[Item, float, float | None], watched: bool = False) -> Account:
    """Return an account whose items stand at a minute, moved some minutes after noon; None: nobody knows when."""
    server = ModelServer(ServerType.PLEX, Clock())
    for item, position, moved in items:
        server.add(item)
        holding = server.holdings[item.item_id]
        date = None if moved is None else at(moved)
        server.holdings[item.item_id] = replace(holding, position_ms=minutes(position), date=date, watched=watched)
    account = Account(name, name, server, Journal())
    server.clock.time = at(100)
    await account.read(server.clock.time, server.clock.now)
    await account.read_states(list(server.holdings), server.clock.now)
    return account


def link(left: str, right: str, **by_hand: str) -> Link:
    """Return a pair of two accounts."""
    return Link(left, right, by_hand)


def positions(standing: Standing) -> dict[str, float]:
    """Return where a title stands, in minutes."""
    return {name: place.position_ms / minutes(1) for name, place in standing.places.items()}


async def test_a_title_is_one_row_over_all_accounts() -> None:
    """Through pairs that have one account in common; the last to be moved comes first."""
    one = await an_account("one", (film(1, "a"), 20, 10), (film(2, "b"), 30, 50))
    two = await an_account("two", (film(1, "c"), 25, 20))
    three = await an_account("three", (film(1, "d"), 15, 5))

    second, first = standings([one, two, three], [link("one", "two"), link("three", "two")])

    assert (second.item.title, first.item.title) == ("Film 2", "Film 1")
    assert positions(first) == {"one": 20, "two": 25, "three": 15}
    assert (first.leader, first.changed_at) == ("two", at(20))
    assert positions(second) == {"one": 30}
    assert second.leader == "one"


async def test_accounts_without_a_pair_stay_apart() -> None:
    """Nobody said that they belong together."""
    one = await an_account("one", (film(1), 20, 10))
    two = await an_account("two", (film(1), 25, 20))
    assert [positions(each) for each in standings([one, two], [])] == [{"two": 25}, {"one": 20}]


async def test_copies_on_one_account_are_one_place() -> None:
    """The one in progress that was moved last speaks for them."""
    one = await an_account(
        "one", (film(1, "hd"), 20, 10), (film(1, "uhd"), 40, 5), (replace(film(1), item_id="dvd"), 0, 90)
    )
    (only,) = standings([one], [])
    assert positions(only) == {"one": 20}
    assert only.places["one"].item_ids == ("dvd", "hd", "uhd")


async def test_what_was_finished_elsewhere_is_shown_there() -> None:
    """Its place is at 0 and watched, and a later finish leads; titles in progress nowhere are not listed."""
    one = await an_account("one", (film(1), 20, 10))
    two = await an_account("two", (film(1), 0, 60), (film(2), 0, 70), watched=True)

    (only,) = standings([one, two], [link("one", "two")])

    assert positions(only) == {"one": 20, "two": 0}
    assert (only.places["two"].watched, only.leader) == (True, "two")
    assert only.item.title == "Film 1"


async def test_what_was_linked_by_hand_is_one_title() -> None:
    """Also where ids say nothing, and where the counterpart is at 0."""
    one = await an_account("one", (movie("a"), 20, 10))
    two = await an_account("two", (movie("b"), 0, 5), (movie("c"), 30, 5))
    rows = standings([one, two], [link("one", "two", a="b")])
    assert [positions(each) for each in rows] == [{"one": 20, "two": 0}, {"two": 30}]


async def test_of_moves_without_an_order_the_one_further_in_leads() -> None:
    """As a plan decides; where even that is equal, nobody leads."""
    one = await an_account("one", (film(1), 20, None), (film(2), 30, None))
    two = await an_account("two", (film(1), 25, None), (film(2), 30, None))
    by_title = {each.item.title: each.leader for each in standings([one, two], [link("one", "two")])}
    assert by_title == {"Film 1": "two", "Film 2": None}


async def test_a_position_that_we_wrote_does_not_lead() -> None:
    """The viewer was on the other account; an item that no journal knows leads neither."""
    one = await an_account("one", (film(1), 20, 10))
    two = await an_account("two", (film(1), 20, 90))
    entry = two.journal.entries["film-1"]
    two.journal.entries["film-1"] = replace(entry, place=replace(entry.place, written_at=at(90)))
    (only,) = standings([one, two], [link("one", "two")])
    assert (only.leader, only.places["two"].moved) == ("one", None)

    del one.journal.entries["film-1"]
    (only,) = standings([one, two], [link("one", "two")])
    assert (only.leader, only.places["one"]) == (
        None,
        Place(("film-1",), minutes(20), minutes(100), watched=False, moved=None),
    )
    del two.journal.entries["film-1"]
    assert [each.changed_at for each in standings([one, two], [link("one", "two")])] == [0]


async def test_a_pair_with_an_account_that_is_not_shown_adds_nothing() -> None:
    """As when a user may not see it."""
    one = await an_account("one", (film(1), 20, 10))
    (only,) = standings([one], [link("one", "hidden")])
    assert (positions(only), only.places["one"].moved) == ({"one": 20}, Edit(at(10), at(10)))
