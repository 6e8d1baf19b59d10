"""Limiting accounts to some libraries: what lies outside is left alone, and nothing is concluded from that."""

from custom_components.resume_sync.sync.journal.journal import KEPT_MS, Journal
from custom_components.resume_sync.sync.ledger import FailedLookup, Ledger, item_key
from custom_components.resume_sync.sync.model import Reason, Side

from .builders import at, movie, observe, snapshot, state

INSIDE = state(20, item=movie("inside", "imdb:tt1"))
OUTSIDE = state(20, item=movie("outside", "imdb:tt2"))


def test_another_choice() -> None:
    """What the next listing shows is known as before; the rest counts as gone and is not asked for."""
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


def test_the_same_choice() -> None:
    """In whatever order, and after a restart: nothing changes."""
    journal = Journal()
    journal.limit_to(["shows", "films"], at(0))
    observe(journal, snapshot(0, INSIDE))
    journal = Journal.from_dict(journal.to_dict())
    before = journal.copy()

    journal.limit_to(["films", "shows"], at(1))

    assert journal == before
    assert journal.vanished(snapshot(2)) == {"inside"}


def test_links_lead_nowhere_else() -> None:
    """What was found in other libraries is looked for anew; what was mapped by hand stays."""
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
