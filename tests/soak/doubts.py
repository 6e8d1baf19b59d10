"""What a reader of the servers cannot tell from something else."""

from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.model import DateMeaning, ServerType
from tests.households.media_servers import kind_of
from tests.simulators.state import Cause, StateChange

from .household import Household
from .sitting import Sitting
from .truth import SAME_MS, TOLERANCE, Act, Touch


class Doubts:
    """Tells which touches look like something else, by what was read and written in a household."""

    def __init__(self, household: Household) -> None:
        """Look at a household."""
        self.household = household

    def looks_sent(self, user: str, title: str, touch: Touch) -> bool:
        """Tell whether a touch comes by chance within ten seconds of a position that we meant to write there.

        It looks like our write, done late, or like an app that was opened there and now closes; but not where the
        server dates the play, and it began after that.
        """
        return any(
            abs(position - touch.position_ms) <= NOISE_MS + SAME_MS and self._may_be_older(user, touch, sent_at)
            for position, sent_at in self.sent(user, title, touch.server)
            if touch.position_ms
        )

    def is_unsettled(self, server: str, user: str, item_id: str) -> bool:
        """Tell whether a write to an item was sent and is not known to have been done: where will a play begin?"""
        account = self.household.accounts.get((server, user))
        return account is not None and account.journal.unseen.latest(item_id) is not None

    def is_forgotten(self, user: str, title: str, sitting: Sitting) -> bool:
        """Tell whether power was lost after a write that the sitting may have begun at, so that nobody knows of it."""
        sent = [at for _, at in self.sent(user, title, sitting.server)]
        return any(at <= sitting.session.started_at and at <= self.household.power_lost_at for at in sent)

    def is_plainly_late(self, user: str, server: str, item_id: str, change: StateChange) -> bool:
        """Tell whether a position without a date cannot come from a play since the last look.

        No session was heard of, or the title moved on by more than the time that went by.
        """
        truth, title = self.household.truths[user], self.household.servers[server].holdings[item_id].key
        if (server, user) in self.household.heard:
            return not truth.clock_moves and not truth.has_unseen(title, server)
        looks = truth.observations.get(server, [])
        shown = looks[-1].listed.get(item_id) if looks else None
        if shown is None:
            return False
        passed_ms = (self.household.clock.now() - looks[-1].read_at) * 1000
        return change.after.position_ms - max(shown, change.before.position_ms) > passed_ms + NOISE_MS + 60_000

    def looks_spread(self, user: str, title: str, touch: Touch) -> bool:
        """Tell whether a finish on Plex looks like one of another Plex server, whose mark plex.tv has copied.

        Nobody can tell, where sessions are not heard.
        """
        servers = self.household.servers
        others = (one for one in self.household.truths[user].touches.get(title, ()) if one.server != touch.server)
        return (
            touch.act is Act.FINISHED
            and not touch.is_listened_to
            and kind_of(servers[touch.server]) is ServerType.PLEX
            and any(one.act is Act.FINISHED and kind_of(servers[one.server]) is ServerType.PLEX for one in others)
        )

    def may_close_over(self, user: str, title: str, touch: Touch) -> bool:
        """Tell whether a touch may come from an app that was opened before we wrote there."""
        return any(self._may_be_older(user, touch, sent_at) for _, sent_at in self.sent(user, title, touch.server))

    def _may_be_older(self, user: str, touch: Touch, sent_at: float) -> bool:
        """Tell whether a play may have begun before a write of ours, as far as its server tells."""
        dated = touch.meaning is DateMeaning.PLAY_START and not self.household.truths[user].clock_moves
        return not dated or touch.began <= sent_at + TOLERANCE

    def sent(self, user: str, title: str, server: str) -> list[tuple[int, float]]:
        """Return the positions of a title that we meant to write to a server, and when."""
        wire = self.household.wires.get((server, user))
        sent = wire.sent if wire is not None else ()
        return [(position, at) for item_id, position, at in sent if self.household.title_of(server, item_id) == title]

    def starts_over(self, user: str, touch: Touch) -> bool:
        """Tell whether a play known before went back to its start.

        Once it is over, servers that date the start of a play show what they show of a title that was cleared by hand.
        """
        looks = self.household.truths[user].observations.get(touch.server, [])
        return bool(looks) and touch.began < looks[-1].taken_in


def loses_its_date(change: StateChange) -> bool:
    """Tell whether a title at 0 was marked unplayed."""
    at_zero = not change.before.position_ms and not change.after.position_ms
    return at_zero and change.before.last_played is not None and change.after.last_played is None


def is_marked_again(change: StateChange, *, by_app: bool) -> bool:
    """Tell whether a watched title was marked by hand once more."""
    return not by_app and change.after.watched and change.before.last_played != change.after.last_played


def ends_below_minimum(change: StateChange, *, by_app: bool) -> bool:
    """Tell whether a play of a title at 0 leaves it there."""
    before, after = change.before, change.after
    over_or_dated = change.cause is Cause.PLAY_STOP or before.last_played != after.last_played
    return by_app and over_or_dated and not before.position_ms and before.last_played is not None


def closes_over(sitting: Sitting, last: Touch | None) -> bool:
    """Tell whether an app closes at 0 over what another left there since it began: as if a viewer had cleared it."""
    return last is not None and last.session is not sitting.session and sitting.session.started_at < last.at
