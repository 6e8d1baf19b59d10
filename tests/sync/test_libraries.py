"""Accounts that are limited to some libraries: items outside are left alone, and their absence proves nothing."""

from custom_components.resume_sync.sync.journal.journal import KEPT_MS, Journal
from custom_components.resume_sync.sync.ledger import FailedLookup, Ledger, item_key
from custom_components.resume_sync.sync.model import Reason, Side

from .builders import at, movie, observe, snapshot, state

INSIDE = state(20, item=movie("inside", "imdb:tt1"))
OUTSIDE = state(20, item=movie("outside", "imdb:tt2"))


def test_items_outside_the_chosen_libraries_count_as_gone() -> None:
    """Items that the next listing shows are known as before. The rest is not asked for, and comes back untouched."""
    journal = Journal()
    observe(journal, snapshot(0, INSIDE, OUTSIDE))
    before = dict(journal.entries)

    journal.limit_to(["films"], at(1))

    later = snapshot(2, INSIDE)
    assert journal.vanished(later) == frozenset()
    observe(journal, later)
    assert journal.entries["inside"].edit == before["inside"].edit
    assert not journal.entries["inside"].gone
    assert journal.entries["outside"].gone
    assert journal.entries["outside"].edit == before["outside"].edit
    assert journal.entries["outside"].kept_until == at(1) + KEPT_MS

    journal.limit_to([], at(3))
    observe(journal, snapshot(4, INSIDE, OUTSIDE))
    assert journal.entries["outside"].edit == before["outside"].edit
    assert not journal.entries["outside"].gone


def test_the_same_libraries_change_nothing() -> None:
    """Their order does not matter, nor does a restart."""
    journal = Journal()
    journal.limit_to(["shows", "films"], at(0))
    observe(journal, snapshot(0, INSIDE))
    journal = Journal.from_dict(journal.to_dict())
    before = journal.copy()

    journal.limit_to(["films", "shows"], at(1))

    assert journal == before
    assert journal.vanished(snapshot(2)) == {"inside"}


def test_links_into_other_libraries_are_forgotten() -> None:
    """Items are looked up again within the new limits; matches by hand stay."""
    key = item_key(Side.LEFT, "inside")
    ledger = Ledger(
        links={key: ("there",)},
        failed={key: FailedLookup(Reason.NOT_FOUND, frozenset(), at(0))},
        mappings={key: "there"},
    )
    ledger.reset_if_libraries_changed(())
    assert ledger.links

    ledger.reset_if_libraries_changed(("films", ""))
    assert not ledger.links
    assert not ledger.failed
    assert ledger.mappings

    ledger.links[key] = ("here",)
    ledger.reset_if_libraries_changed(("films", ""))
    assert ledger.links == {key: ("here",)}
