"""How titles are shown."""

import pytest

from custom_components.resume_sync.actions.rows import decision_row, progress_row, unresolved_row
from custom_components.resume_sync.pair.status import PairData
from custom_components.resume_sync.pair.unresolved import UnresolvedTitle
from custom_components.resume_sync.sync.model import Action, Item, ItemState, MediaKind, Reason, Side
from custom_components.resume_sync.sync.plan.decision import Decision, Report

FILM = Item("1", MediaKind.MOVIE, "Heat", frozenset({"movie:imdb:tt0113277"}), 1995, 10_000_000)


def data(*decisions: Decision) -> PairData:
    """Return the outcome of a run."""
    return PairData(Report(decisions, 0, 0, applied=True), "Plex (Anna)", "Emby (Anna)")


@pytest.mark.parametrize(
    ("side", "names"),
    [
        (Side.LEFT, ("Plex (Anna)", "Emby (Anna)")),
        (Side.RIGHT, ("Emby (Anna)", "Plex (Anna)")),
    ],
)
def test_a_row_names_the_accounts(side: Side, names: tuple[str, str]) -> None:
    """From the source to the target, whichever side the source is on."""
    decision = Decision(
        "key", FILM, Action.NONE, Reason.IN_SYNC, side, "1", from_position_ms=59_999, to_position_ms=None
    )

    row = decision_row(decision, data(decision))

    assert (row["from"], row["to"]) == names
    assert (row["from_position"], row["to_position"]) == (59, None)


def test_an_unresolved_title_has_what_a_mapping_by_hand_needs() -> None:
    """Its item, since when nothing was found, and what it might be."""
    decision = Decision("key", FILM, Action.UNRESOLVED, Reason.AMBIGUOUS, Side.LEFT, "1")
    candidate = Item("7", MediaKind.EPISODE, "The Detail", show_title="The Wire", season=1, episode=2, year=2002)

    row = unresolved_row(UnresolvedTitle(decision, 1_790_000_000_000), data(decision), [candidate])

    assert (row["item_id"], row["reason"], row["since"]) == ("1", "ambiguous", "2026-09-21T14:13:20+00:00")
    assert row["candidates"] == [
        {
            "item_id": "7",
            "title": "The Wire: The Detail",
            "kind": "episode",
            "season": 1,
            "episode": 2,
            "year": 2002,
            "duration": None,
        }
    ]


@pytest.mark.parametrize(("duration_ms", "percent"), [(10_000_000, 25), (None, None)])
def test_progress_is_a_share_of_the_duration(duration_ms: int | None, percent: int | None) -> None:
    """Where it is known."""
    item = Item("1", MediaKind.MOVIE, "Heat", duration_ms=duration_ms)

    row = progress_row(ItemState(item, 2_500_000))

    assert (row["position"], row["percent"]) == (2500, percent)
