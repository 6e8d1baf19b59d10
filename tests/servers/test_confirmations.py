"""How long an answer without rows is believed, and a library seen to be there."""

import pytest

from custom_components.resume_sync.servers.chosen_libraries import CONFIRMED_FOR_MS, ChosenLibraries
from custom_components.resume_sync.servers.confirmations import EMPTY_BELIEVED_MS, Confirmations
from custom_components.resume_sync.sync.media_server import LibraryGone

NOW = 1_700_000_000_000
FILM = frozenset({"film"})
NONE = frozenset[str]()


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = NOW

    def __call__(self) -> int:
        """Return the time in epoch milliseconds."""
        return self.now


def test_nothing_found_is_believed_for_an_hour() -> None:
    """From its confirmation on, each question by itself, and not after the clock was set back."""
    clock = Clock()
    confirmations = Confirmations[str](clock)
    assert not confirmations.empty_believed("films")

    confirmations.confirm("films", "episodes")
    clock.now += EMPTY_BELIEVED_MS - 1
    assert confirmations.empty_believed("films")
    assert not confirmations.empty_believed("shows")

    confirmations.confirm("episodes")
    clock.now += 1
    assert not confirmations.empty_believed("films")
    assert confirmations.empty_believed("episodes")

    clock.now = NOW
    assert not confirmations.empty_believed("episodes")


def test_an_answer_with_rows_ends_the_belief() -> None:
    """Empty again it is news, and has to be confirmed."""
    confirmations = Confirmations[str](Clock())
    confirmations.confirm("films", "episodes")
    confirmations.forget("films")
    confirmations.forget("shows")

    assert (confirmations.empty_believed("films"), confirmations.empty_believed("episodes")) == (False, True)
    confirmations.clear()
    assert not confirmations.empty_believed("episodes")


def test_a_change_in_a_chosen_library_is_confirmed_at_once() -> None:
    """Other ids than before are doubted, the same ones believed however old they are."""
    clock = Clock()
    chosen = ChosenLibraries(["films"], clock)
    assert chosen.doubts({"films": FILM})

    chosen.confirm(["films", "music"], {"films": FILM})
    clock.now += 30 * EMPTY_BELIEVED_MS
    assert not chosen.doubts({"films": FILM})
    assert chosen.doubts({"films": NONE})


def test_an_empty_library_is_confirmed_every_hour() -> None:
    """Any confirmation will do; what was found stays known."""
    clock = Clock()
    chosen = ChosenLibraries(["films", "shows"], clock)
    found = {"films": FILM, "shows": NONE}
    chosen.confirm(["films", "shows"], found)
    clock.now += EMPTY_BELIEVED_MS
    assert chosen.doubts(found)

    chosen.confirm(["films", "shows"])
    assert not chosen.doubts(found)


def test_chosen_libraries_count_as_there_for_five_minutes() -> None:
    """Until then a search needs no further look at the list of libraries."""
    clock = Clock()
    chosen = ChosenLibraries(["films"], clock)
    before = chosen.confirmed
    chosen.confirm(["films"])
    clock.now += CONFIRMED_FOR_MS - 1
    during = chosen.confirmed
    clock.now += 1

    assert (before, during, chosen.confirmed) == (False, True, False)


def test_a_library_that_is_gone_takes_every_belief_with_it() -> None:
    """The error names it; nothing found before is believed any more."""
    chosen = ChosenLibraries(["films", "shows"], Clock())
    chosen.confirm(["films", "shows"], {"films": FILM})
    with pytest.raises(LibraryGone) as gone:
        chosen.confirm(["shows"])

    assert gone.value.library_ids == ("films",)
    assert chosen.doubts({"films": FILM})
    assert not chosen.confirmed
    assert (bool(chosen), bool(ChosenLibraries([], Clock()))) == (True, False)
