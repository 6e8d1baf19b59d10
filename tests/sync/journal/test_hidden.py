"""Which titles somebody took off "Continue watching", and when."""

from collections.abc import Iterable

import pytest

from custom_components.resume_sync.sync.journal.edit import Cause, Edit, server_date
from custom_components.resume_sync.sync.journal.hidden import Look, hidden_within, is_newly_hidden, taken_off
from custom_components.resume_sync.sync.model import Hub, ItemState
from tests.sync.builders import at, between, state
from tests.sync.world import film

FILM, OLDER = "film-1", "film-2"


def hidden(position: float, *, hidden: bool = True) -> ItemState:
    """Return film 1 as a server shows it that tells what is hidden."""
    seen = state(position, date=80)
    return ItemState(seen.item, seen.position_ms, last_played_server_ms=seen.last_played_server_ms, hidden=hidden)


@pytest.mark.parametrize(
    ("seen", "was_hidden", "newly"),
    [
        (hidden(20), False, True),
        (hidden(20), True, False),
        (hidden(20, hidden=False), False, False),
        (hidden(20, hidden=False), True, False),
        (hidden(0), False, False),
    ],
)
def test_what_counts_as_hidden(seen: ItemState, was_hidden: bool, newly: bool) -> None:
    """The first read that shows it, of a title that has a position."""
    assert is_newly_hidden(seen, was_hidden=was_hidden) is newly


@pytest.mark.parametrize(
    ("date", "shown_at", "earliest"),
    [
        (None, None, 500),
        (400, None, 500),
        (550, None, 550),
        (700, None, 600),
        (400, 450, 450),
        (480, 450, 480),
        (400, 550, 500),
    ],
)
def test_when_it_was_hidden(date: float | None, shown_at: float | None, earliest: float) -> None:
    """After it was last seen otherwise, or shown on a hub, and after it was last played; at any time up to now."""
    shown_ms = None if shown_at is None else at(shown_at)
    edit = hidden_within(server_date(state(20, date=date), 0), between(500, 600), shown_ms)
    assert edit == Edit(at(earliest), at(600), Cause.HIDDEN)


def look(shown: Iterable[str], *held: tuple[str, float, float | None], whole: bool = True) -> Look:
    """Return a look at a hub that shows some films, with what is in progress: id, position, date."""
    states = {key: state(position, date=date, item=film(int(key[5:]))) for key, position, date in held}
    return Look(Hub({key: key for key in shown}, 0, whole=whole), states)


BOTH = look([FILM, OLDER], (FILM, 20, 80), (OLDER, 30, 60))


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        # Taken off, and an older title is still there.
        (BOTH, look([OLDER], (FILM, 20, 80), (OLDER, 30, 60)), {FILM}),
        # It is still there, or has never been.
        (BOTH, BOTH, set()),
        (look([OLDER], *(("film-1", 20, 80), ("film-2", 30, 60))), BOTH, set()),
        # The oldest one: the hub looks back for some weeks only.
        (BOTH, look([FILM], (FILM, 20, 80), (OLDER, 30, 60)), set()),
        (BOTH, look([], (FILM, 20, 80), (OLDER, 30, 60)), set()),
        # Played, played and stopped at the same place, finished or deleted.
        (BOTH, look([OLDER], (FILM, 25, 90), (OLDER, 30, 60)), set()),
        (BOTH, look([OLDER], (FILM, 20, 90), (OLDER, 30, 60)), set()),
        (BOTH, look([OLDER], (FILM, 25, 80), (OLDER, 30, 60)), set()),
        (BOTH, look([OLDER], (OLDER, 30, 60)), set()),
        # Not in progress at the first look: it was the next episode.
        (look([FILM, OLDER], (OLDER, 30, 60)), look([OLDER], (FILM, 20, 80), (OLDER, 30, 60)), set()),
        # Without dates nobody knows which one is older.
        (
            look([FILM, OLDER], (FILM, 20, None), (OLDER, 30, 60)),
            look([OLDER], (FILM, 20, None), (OLDER, 30, 60)),
            set(),
        ),
        (
            look([FILM, OLDER], (FILM, 20, 80), (OLDER, 30, None)),
            look([OLDER], (FILM, 20, 80), (OLDER, 30, None)),
            set(),
        ),
        # One of the two looks did not see everything.
        (BOTH, look([OLDER], (FILM, 20, 80), (OLDER, 30, 60), whole=False), set()),
        (
            look([FILM, OLDER], (FILM, 20, 80), (OLDER, 30, 60), whole=False),
            look([OLDER], (FILM, 20, 80), (OLDER, 30, 60)),
            set(),
        ),
    ],
)
def test_what_was_taken_off_a_hub(before: Look, now: Look, found: set[str]) -> None:
    """Missing on a hub that shows older titles, and untouched otherwise."""
    assert taken_off(before, now) == found


@pytest.mark.parametrize(("instead", "found"), [({"film-3": "show"}, set()), ({"film-3": "another"}, {FILM})])
def test_another_episode_of_the_show(instead: dict[str, str], found: set[str]) -> None:
    """A hub has one episode of each show: that one was left, the other one stands in its place."""
    before = Look(Hub({FILM: "show", OLDER: OLDER}, 0), BOTH.states)
    assert taken_off(before, Look(Hub({OLDER: OLDER, **instead}, 0), BOTH.states)) == found
