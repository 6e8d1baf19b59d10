"""What a pair has changed last: each title once, the latest first, not without end."""

from custom_components.resume_sync.account.recent_titles import MOST_TITLES, RecentTitles
from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.model import Action, Item, MediaKind, Reason, Side
from custom_components.resume_sync.sync.plan.decision import Decision


def decision(number: int, position: int = 5) -> Decision:
    """Return a position that was written."""
    return Decision(
        key=f"movie:imdb:tt{number:07}",
        item=Item(f"item-{number}", MediaKind.MOVIE, f"Film {number}"),
        action=Action.WRITE,
        reason=Reason.NEWER_POSITION,
        source=Side.LEFT,
        source_item_id=f"item-{number}",
        target_item_ids=("there",),
        from_position_ms=position,
        edit=Edit(1, 1),
    )


def test_each_title_once_and_the_latest_first() -> None:
    """A title that changes again comes to the front."""
    recent = RecentTitles()
    recent.remember([decision(1), decision(2)], at=10)
    recent.remember([decision(2, position=7)], at=20)
    recent.remember([], at=30)
    told = [(title.decision.item.title, title.decision.from_position_ms, title.at) for title in recent.titles]
    assert told == [("Film 2", 7, 20), ("Film 1", 5, 10)]


def test_only_so_many_are_kept() -> None:
    """Of one run and of all of them."""
    recent = RecentTitles()
    recent.remember([decision(0)], at=1)
    recent.remember([decision(number) for number in range(1, MOST_TITLES + 9)], at=2)
    assert [title.decision.item.item_id for title in recent.titles] == [f"item-{n}" for n in range(1, MOST_TITLES + 1)]


def test_they_are_stored_without_what_only_their_run_needed() -> None:
    """And come back as they were."""
    recent = RecentTitles()
    recent.remember([decision(1)], at=10)
    assert RecentTitles.from_dict(recent.to_dict()) == recent
    assert recent.titles[0].decision.edit is None
    assert "there" not in str(recent.to_dict())
