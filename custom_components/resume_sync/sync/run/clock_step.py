"""Lowering stored times when this machine's clock was set back, so that later edits still count as later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ..journal.edit import ServerDate
from ..journal.journal import Journal
from ..journal.trail import Began, Place
from ..ledger import Ledger
from .history import History

_TIMES = frozenset({"at", "earliest", "latest", "written_at", "undone_at", "seen_at"})


def step_back(
    journals: Iterable[Journal], ledgers: Iterable[Ledger], now: int, histories: Iterable[History] = ()
) -> bool:
    """Lower all stored times that are later than `now` to just before it, in unchanged order.

    Times are epoch milliseconds. Returns whether the clock was set back, that is, whether there were such times. Give
    all journals, ledgers and histories of the household together.
    """
    # 21:00 paused on Plex · the clock goes back to 20:00 · 20:10 paused on Emby. The 21:00 becomes 19:59:59.999, and
    # the pause of 20:10 is later. A journal left out would keep its 21:00 and beat every edit for an hour.
    journals, ledgers, histories = list(journals), list(ledgers), list(histories)
    times = {time for journal in journals for time in _times(journal)}
    times |= {time for ledger in ledgers for time in _ledger_times(ledger)}
    # A history is long, and no time in it is later than that of its last line.
    if max([*times, *(history.latest_at for history in histories)], default=now) <= now:
        return False
    times |= {time for history in histories for time in _history_times(history)}
    lowered: dict[int, int] = {}
    # From the latest time downwards, each one just before the one lowered last: different times stay different. Times
    # that are early enough already end the loop.
    limit = now
    for time in sorted(times, reverse=True):
        limit -= 1
        if time <= limit:
            break
        lowered[time] = limit
    for journal in journals:
        _lower(journal, lowered)
        journal.plays.forget(now)
    for ledger in ledgers:
        _lower_ledger(ledger, lowered)
    for history in histories:
        _lower_history(history, lowered, now)
    return True


def _times(journal: Journal) -> Iterator[int]:
    """Yield every time on this machine's clock that a journal holds."""
    yield from (time for time in (journal.read_at, journal.started_at) if time is not None)
    for entry in journal.entries.values():
        if entry.seen_at is not None:
            yield entry.seen_at
        yield from _began_times(entry.began)
        yield from _place_times((entry.place, *entry.before))
    for write in journal.unseen:
        yield from _place_times((write.place, *write.before))
        yield from _began_times(write.began)


def _began_times(began: Began | None) -> Iterator[int]:
    """Yield the times of the beginning of a play."""
    if began is not None:
        yield from (began.place.earliest, began.place.latest, began.at)


def _place_times(places: Iterable[Place]) -> Iterator[int]:
    """Yield the times of some places."""
    for place in places:
        yield from (place.edit.earliest, place.edit.latest)
        yield from (time for time in (place.written_at, place.undone_at) if time is not None)


def _ledger_times(ledger: Ledger) -> Iterable[int]:
    """Yield every time of a ledger that is compared with edits or starts of journals."""
    yield from (time for time in (ledger.started_at, ledger.mirror_agreed_at) if time is not None)
    edits = [
        *(edit for one in ledger.waiting.values() for edit in (one.source_edit, one.target_edit)),
        *(edit for one in ledger.dismissed.values() for edit in (one.source_edit, one.target_edit)),
        *(edit for one in ledger.held.values() for edit in (one.source_edit, one.target_edit)),
        *(one.edit for one in ledger.settled.values()),
        *(one.before_edit for one in ledger.before_images),
        *(one.edit for one in ledger.stored.values()),
    ]
    for edit in edits:
        if edit is not None:
            yield from (edit.earliest, edit.latest)


def _history_times(history: History) -> Iterator[int]:
    """Yield every time of a history that may be compared with edits."""
    for line in history.lines.values():
        if line.before_edit is not None:
            yield from (line.before_edit.earliest, line.before_edit.latest)


def _low(value: Any, lowered: Mapping[int, int]) -> Any:
    """Return a value with all lowered times in it, however deep they are."""
    # A date was translated to the old clock: only its value on the server's own clock still counts.
    if isinstance(value, ServerDate):
        return replace(value, local_ms=0)
    if isinstance(value, tuple):
        return tuple(_low(one, lowered) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {one.name: getattr(value, one.name) for one in fields(value)}
    for name, one in changed.items():
        changed[name] = lowered.get(one, one) if name in _TIMES else _low(one, lowered)
    return replace(value, **changed)


def _low_all[T](values: Mapping[str, T], lowered: Mapping[int, int]) -> dict[str, T]:
    """Return the values of a mapping with lowered times."""
    return {key: _low(value, lowered) for key, value in values.items()}


def _lower_ledger(ledger: Ledger, lowered: Mapping[int, int]) -> None:
    """Replace the times of a ledger by the lowered ones."""
    for name in ("started_at", "mirror_agreed_at"):
        time = getattr(ledger, name)
        setattr(ledger, name, lowered.get(time, time))
    ledger.waiting = _low_all(ledger.waiting, lowered)
    ledger.dismissed = _low_all(ledger.dismissed, lowered)
    ledger.held = _low_all(ledger.held, lowered)
    ledger.stored = _low_all(ledger.stored, lowered)
    ledger.settled = _low_all(ledger.settled, lowered)
    ledger.before_images = _low(ledger.before_images, lowered)


def _lower_history(history: History, lowered: Mapping[int, int], now: int) -> None:
    """Replace the times of a history by the lowered ones; the others only have to be past."""
    history.known_since = min(history.known_since, now)
    for line_id, line in history.lines.items():
        low = _low(line, lowered)
        undone_at = None if low.undone_at is None else min(low.undone_at, now)
        history.lines[line_id] = replace(low, at=min(low.at, now), undone_at=undone_at)
    history.revision += 1


def _lower(journal: Journal, lowered: Mapping[int, int]) -> None:
    """Replace the times of a journal by the lowered ones, and drop the stops heard by push."""
    for name in ("read_at", "started_at"):
        time = getattr(journal, name)
        setattr(journal, name, lowered.get(time, time))
    journal.entries = _low_all(journal.entries, lowered)
    journal.unseen.change(lambda write: _low(write, lowered))
    journal.heard.clear()
