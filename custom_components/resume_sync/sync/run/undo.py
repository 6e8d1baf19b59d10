"""Undo: taking back what was written to an account, wherever nobody has moved the title since."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..identity import contradicts
from ..journal.edit import NOISE_MS, Edit
from ..journal.trail import STORED_TOLERANCE_MS
from ..model import ItemState, Reason
from ..plan.decision import Carried
from .account import Account
from .apply import apply, save_intents
from .history import Author, History, Line, Origin
from .jobs import Job


class NothingToUndo(Exception):
    """Nothing was written, or all of it was taken back already."""


class Fate(StrEnum):
    """What becomes of an item that was to be put back.

    `NOT_SHOWN`: it has its position again, and "Continue watching" does not show it all the same. `AS_BEFORE`: it is
    there already.
    """

    RESTORED = "restored"
    NOT_SHOWN = "not_shown"
    AS_BEFORE = "as_before"
    MOVED = "moved"
    NOT_SUPPORTED = "not_supported"
    FAILED = "failed"


_PUT_BACK = frozenset({Fate.RESTORED, Fate.NOT_SHOWN, Fate.AS_BEFORE})


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of the items of one account, each by the last of its lines.

    `repaired` are the lines of items on which something was put back that the undo had taken with it.
    """

    fates: Mapping[Line, Fate] = field(default_factory=dict)
    repaired: frozenset[Line] = frozenset()


@dataclass(frozen=True, slots=True)
class _Span:
    """Writes to one item between which nobody moved it, oldest first."""

    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """The line that tells what to put back."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """The line that tells what the item must still show."""
        return self.lines[-1]

    @property
    def item_id(self) -> str:
        """The item that was written to."""
        return self.last.item_id


def last_run(histories: Collection[History], pair_id: str) -> str | None:
    """Return the last run of a pair that wrote something; None: there is none."""
    lines = [line for history in histories for line in history.of_pair(pair_id) if line.confirmed]
    return max(lines, key=lambda line: line.at).run_id if lines else None


async def undo(
    account: Account,
    line_ids: Collection[str],
    *,
    now: Callable[[], int],
    save: Callable[[], Awaitable[None]],
    run_id: str = "",
    repaired: Collection[str] = (),
) -> Undone:
    """Take back what these lines tell of, on every item that still shows the last of them.

    An item gets what it had before the first of its lines, or where a viewer has left it since. Positions put back
    stay, for all pairs of the account, until a viewer moves the title. Failed ones may be tried again. `run_id` names
    what is written in the history; items that were `repaired` once are not repaired again. `now` returns epoch
    milliseconds, `save` stores journal and history. Raises `NothingToUndo`, and `AccountError` where the account cannot
    be read: no position is changed then.
    """
    lines = [line for one in line_ids if (line := account.history.lines.get(one)) and line.undone_at is None]
    if not lines:
        raise NothingToUndo
    await account.read_states({line.item_id for line in lines}, now)
    spans = _spans(account, lines)
    if not spans:
        raise NothingToUndo
    fates = {span.last: _fate(account, span) for span in spans}
    to_write = [span for span in spans if fates[span.last] is Fate.RESTORED]
    jobs = [_job(account, span, state, now()) for span in to_write if (state := account.state(span.item_id))]
    # Servers sort "Continue watching" by the time of a write.
    jobs.sort(key=lambda job: (job.edited_at, job.item_id))
    await save_intents([(account, jobs)], now(), save, Origin(run_id, Author.UNDO))
    outcome = await apply(account, jobs, now, repaired=repaired)
    was_hidden = {span.item_id for span in to_write if any(line.hidden for line in span.lines)}
    not_shown = await account.not_shown(was_hidden & outcome.verified)
    for span in to_write:
        if span.item_id not in outcome.verified:
            fates[span.last] = Fate.FAILED
        elif span.item_id in not_shown:
            fates[span.last] = Fate.NOT_SHOWN
    put_back = [span for span in spans if fates[span.last] in _PUT_BACK]
    account.history.mark_undone([line.line_id for span in put_back for line in span.lines], now())
    await save()
    return Undone(fates, frozenset(span.last for span in to_write if span.item_id in outcome.repaired))


def _spans(account: Account, lines: Collection[Line]) -> list[_Span]:
    """Return, for each item of some lines, those after which nobody has moved it; of one moved since, the last."""
    by_item: dict[str, list[Line]] = {line.item_id: [] for line in lines}
    for line in account.history.lines.values():
        # What no read has shown, and none shows now, never arrived.
        if line.item_id in by_item and (line.confirmed or _is_held(account, line)):
            by_item[line.item_id].append(line)
    asked = {line.line_id for line in lines}
    spans = (_last_span(of_item, asked) for of_item in by_item.values())
    return [span for span in spans if span is not None]


def _last_span(lines: Sequence[Line], asked: Collection[str]) -> _Span | None:
    """Return the last of those lines of one item that are asked for, with those before it that lead to it."""
    span: list[Line] = []
    follows_at_once = True
    for line in reversed(lines):
        if line.line_id not in asked:
            follows_at_once = False
            continue
        # 20:00 a run wrote 50 min over 10 · 20:20 a viewer went on to 60 · 20:30 a run wrote 80. Taken back together
        # the item gets the 60 min, which a viewer chose after the first run. Without the viewer it would get 10 min.
        # Nor is it for this pair to take back what another one wrote in between.
        leads_on = follows_at_once or (span and abs(line.after_ms - span[0].before_ms) < NOISE_MS)
        if span and not (span[0].over_ours and leads_on):
            break
        span.insert(0, line)
        follows_at_once = True
    return _Span(tuple(span)) if span else None


def _is_held(account: Account, line: Line) -> bool:
    """Tell whether an item still shows what a line wrote, and no viewer has chosen the same place since."""
    state, entry = account.state(line.item_id), account.journal.entries.get(line.item_id)
    if state is None or abs(state.position_ms - line.after_ms) >= NOISE_MS or contradicts(state.item, line.keys):
        return False
    # 20:00 a run took the title off · 21:00 a viewer watched it to the end: 0 as before, and yet the viewer's. To a
    # journal that was begun since then everything is a viewer's.
    is_known = (account.journal.started_at or 0) <= line.at
    if is_known and entry is not None and entry.written_at is None and entry.edit.earliest > line.at:
        return False
    return not line.hidden or account.is_off_shelf(line.item_id)


def _fate(account: Account, span: _Span) -> Fate:
    """Return what is to become of an item."""
    # 20:00 a run wrote 80 min · 20:30 a viewer went on to 90 min · 20:40 undo: the 90 min stay, counted as moved.
    if not _is_held(account, span.last):
        return Fate.MOVED
    if not span.last.hidden and abs(span.last.after_ms - span.first.before_ms) <= STORED_TOLERANCE_MS:
        return Fate.AS_BEFORE
    # An item that was at 0 before cannot be cleared again on Plex.
    return Fate.RESTORED if span.first.before_ms or account.server.traits.can_clear else Fate.NOT_SUPPORTED


def _job(account: Account, span: _Span, base: ItemState, now: int) -> Job:
    """Return the write that puts an item back, over the state that it is in."""
    entry, edit = account.journal.entries.get(span.item_id), span.first.before_edit or Edit(now, now)
    return Job(
        key=span.item_id,
        base=base,
        position_ms=span.first.before_ms,
        carried=Carried(edit, undone_at=now),
        edited_at=edit.latest,
        before_edit=entry.edit if entry is not None else None,
        pair_id=span.last.pair_id,
        reason=Reason.UNDONE,
    )
