"""The writes of a run: what is to be written where, over what, and with which date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..journal.edit import Edit
from ..journal.trail import Entry
from ..model import Action, DateMeaning, ItemState, Reason, Side
from ..plan.decision import Carried, Decision
from .account import Account


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an item stood in its account's journal when a plan was made, at `planned_at`; `entry` None: unknown."""

    account: Account
    item_id: str
    entry: Entry | None
    planned_at: int

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody has moved the item since: another read shows it, or push has told so."""
        journal = self.account.journal
        return journal.heard_since(self.item_id, self.planned_at) or (
            _place(journal.entries.get(self.item_id)) != _place(self.entry)
        )

    @property
    def is_open(self) -> bool:
        """Whether a session has told of the item since."""
        return any(play.reported_at > self.planned_at for play in self.account.journal.plays.of(self.item_id))


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan was made from: the entries of both journals, and when that was."""

    at: int
    entries: Mapping[Side, Mapping[str, Entry]]

    @classmethod
    def now(cls, accounts: Mapping[Side, Account], now: int) -> Planned:
        """Return what a plan that is made now is made from."""
        return cls(now, {side: dict(account.journal.entries) for side, account in accounts.items()})

    def standing(self, side: Side, account: Account, item_id: str) -> Standing:
        """Return where an item stood."""
        return Standing(account, item_id, self.entries[side].get(item_id), self.at)


@dataclass(frozen=True, slots=True)
class Job:
    """One write to one item; the position 0 clears it, or hides it (`Carried.hides`).

    `key` is that of its title, `base` the state last read. `edited_at`, in epoch milliseconds, orders the writes.
    `before_edit` is the human edit that the write replaces, kept for an undo. `edit` is the source's, by which a write
    is known as the same one again. `source` and `target` are where both items stood in the plan; None: without a plan.
    `pair_id`, `source_id` and `reason` are for its line in the history.
    """

    key: str
    base: ItemState
    position_ms: int
    carried: Carried
    edited_at: int = 0
    before_edit: Edit | None = None
    edit: Edit | None = None
    source: Standing | None = None
    target: Standing | None = None
    pair_id: str = ""
    source_id: str = ""
    reason: Reason | None = None

    @property
    def item_id(self) -> str:
        """The item to write to."""
        return self.base.item_id

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody has moved either item since the plan, or has opened the target."""
        stood = [one for one in (self.source, self.target) if one is not None]
        return any(one.is_overtaken for one in stood) or (self.target is not None and self.target.is_open)


def jobs_for(
    accounts: Mapping[Side, Account], side: Side, decisions: Sequence[Decision], planned: Planned, pair_id: str = ""
) -> list[Job]:
    """Return the writes and clears of one side, oldest edit first; items that were not read are left out."""
    account, other = accounts[side], accounts[side.other]
    jobs = []
    for decision in decisions:
        if decision.target is side and decision.action in (Action.WRITE, Action.CLEAR) and decision.carried:
            source = planned.standing(side.other, other, decision.source_item_id)
            # A place that is given back stands for the target's own edit.
            edit = decision.target_edit if decision.carried.given_back else decision.edit
            carried = replace(decision.carried, sent_at=_date_of(decision, decision.carried, other, account, planned))
            for item_id in decision.target_item_ids:
                base = account.state(item_id)
                if base is not None:
                    job = Job(
                        key=decision.key,
                        base=base,
                        position_ms=(decision.from_position_ms or 0) if decision.action is Action.WRITE else 0,
                        carried=carried,
                        edited_at=edit.latest if edit else 0,
                        before_edit=decision.target_edit,
                        edit=_known_by(decision, carried),
                        source=source,
                        target=planned.standing(side, account, item_id),
                        pair_id=pair_id,
                        source_id=other.account_id,
                        reason=decision.reason,
                    )
                    jobs.append(job)
    # Servers sort "Continue watching" by the time of a write: a title paused at 20:00 is written before one of 21:00.
    return sorted(jobs, key=lambda job: (job.edited_at, job.item_id))


def _date_of(decision: Decision, carried: Carried, source: Account, target: Account, planned: Planned) -> int | None:
    """Return the date to store with a position, on this machine's clock; None: the target's own stays."""
    state = source.state(decision.source_item_id)
    told = state.last_played_server_ms if state is not None else None
    meanings = {source.server.traits.date_meaning, target.server.traits.date_meaning}
    sent_at = carried.sent_at
    # Without an order of the two edits the position is the source's all the same, and as old as its edit.
    if carried.reordered and decision.edit is not None:
        sent_at = decision.edit.latest
    # Both servers date the start of a play. A was begun at 18:00 and left at 100 min, B begun at 19:00 and left at 5
    # min: B is first on the source. With the ends of both plays as dates, 19:40 and 19:05, A would be on the target.
    # A place that is given back is the target's own.
    if told is not None and meanings == {DateMeaning.PLAY_START} and not carried.given_back:
        sent_at = source.to_own_clock(told)
    return None if sent_at is None else min(sent_at, planned.at)


def _known_by(decision: Decision, carried: Carried) -> Edit | None:
    """Return the edit by which the next plan knows a write as the same one: the one that its source will have."""
    return carried.edit if carried.reordered or carried.given_back else decision.edit


def _place(entry: Entry | None) -> object:
    """Return what a plan depends on of an entry: who left the item where, not when it was last seen there."""
    return None if entry is None else (entry.place, entry.position_ms, entry.watched, entry.lost)


def date_to_send(account: Account, job: Job) -> int | None:
    """Return the date to send with a write, on the server's clock; None leaves the item's own date."""
    if not account.server.traits.takes_date or job.carried.sent_at is None:
        return None
    date = account.to_server_clock(job.carried.sent_at)
    # Dates never go back: an edit of 20:00 written to an item last played at 21:00 leaves 21:00 there.
    own = job.base.last_played_server_ms
    return None if own is not None and own >= date else date


def date_after(account: Account, job: Job) -> int | None:
    """Return the date that the item will show once the write has taken."""
    return date_to_send(account, job) or job.base.last_played_server_ms
