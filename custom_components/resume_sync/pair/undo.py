"""Undoing what pairs wrote: which lines of the histories are meant, and what becomes of them, pair by pair."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ulid import ulid_now

from ..account.coordinator import AccountCoordinator
from ..account.exclusive import async_exclusive, save_all
from ..account.rounds import now
from ..const import DOMAIN, SUBENTRY_TYPE_PAIR
from ..errors import RunFailed
from ..sync.model import Side
from ..sync.run.history import Line
from ..sync.run.undo import Fate, NothingToUndo, Undone, last_run, undo
from .coordinator import PairCoordinator
from .run import RunPair


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be undone: one line, one run, all syncs since a time; nothing given: the last sync that wrote."""

    line_id: str | None = None
    run_id: str | None = None
    since: int | None = None


@dataclass(slots=True)
class UndonePair:
    """What became of the titles of one pair, and what went wrong. `run_id` is what the lines of the undo bear."""

    run_id: str | None = None
    fates: Counter[Fate] = field(default_factory=Counter)
    error: HomeAssistantError | None = None


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line, and the pair and the account that it is found by."""

    line: Line
    pair: PairCoordinator
    side: Side
    server: AccountCoordinator

    @property
    def pair_id(self) -> str:
        """The pair that it is found by."""
        return self.pair.subentry.subentry_id


def find_lines(pair: PairCoordinator, wanted: Wanted) -> list[FoundLine]:
    """Return the lines that are meant; raises RunFailed where the other account is not set up."""
    loaded = pair.loaded()
    run_id = wanted.run_id
    if wanted == Wanted():
        run_id = last_run([server.account.history for server in loaded.servers], loaded.pair_id)
    return [
        FoundLine(line, pair, side, server)
        for side, server in zip(Side, loaded.servers, strict=True)
        for line in _lines(pair, loaded, server, wanted, run_id)
    ]


def _lines(
    pair: PairCoordinator, loaded: RunPair, server: AccountCoordinator, wanted: Wanted, run_id: str | None
) -> Iterator[Line]:
    """Yield the lines of one account that are meant."""
    history = server.account.history
    if wanted.line_id is None and wanted.since is not None:
        yield from history.of_pair(loaded.pair_id, wanted.since)
        return
    found, pair_ids = history.lines.get(wanted.line_id or ""), _pair_ids(pair.hass)
    for line in history.of_run(run_id or "") if wanted.line_id is None else filter(None, [found]):
        # Set by hand, or written by a pair that is gone: of any pair of the account.
        if line.pair_id == loaded.pair_id or line.pair_id not in pair_ids:
            yield line


def _pair_ids(hass: HomeAssistant) -> set[str]:
    """Return the ids of all pairs."""
    return {
        pair.subentry_id
        for entry in hass.config_entries.async_entries(DOMAIN)
        for pair in entry.get_subentries_of_type(SUBENTRY_TYPE_PAIR)
    }


async def async_undo(found: Sequence[FoundLine]) -> dict[str, UndonePair]:
    """Take back lines that were found; return what became of them, by the ids of their pairs.

    Each account is worked on by itself: of a server that fails its own titles stay. Pairs of which nothing is left to
    undo are left out.
    """
    run_id = ulid_now()
    done = {one.pair_id: UndonePair(run_id) for one in found}
    for server in dict.fromkeys(one.server for one in found):
        # A line that two pairs have found is that of the pair that wrote it.
        of_server = [one for one in found if one.server is server]
        of_server.sort(key=lambda one: one.line.pair_id == one.pair_id)
        by_id = {one.line.line_id: one for one in of_server}
        try:
            undone = await _undo_on(server, by_id, run_id)
        except NothingToUndo:
            continue
        except HomeAssistantError as error:
            for one in by_id.values():
                done[one.pair_id].error = error
            continue
        finally:
            server.async_publish()
        for line, fate in undone.fates.items():
            done[by_id[line.line_id].pair_id].fates[fate] += 1
    return {pair_id: one for pair_id, one in done.items() if one.fates or one.error is not None}


async def _undo_on(server: AccountCoordinator, found: Mapping[str, FoundLine], run_id: str) -> Undone:
    """Take back lines, given by their ids, on one account, while nothing else reads or writes it."""
    repaired = {item_id for one in found.values() for item_id in one.pair.state.ledger.repaired_on(one.side)}

    async def save() -> None:
        await save_all([server])

    async def work() -> Undone:
        done = await undo(server.account, found, now=now, save=save, run_id=run_id, repaired=repaired)
        for line in done.repaired:
            one = found[line.line_id]
            one.pair.state.ledger.note_repaired(one.side, line.item_id, now())
        await save_all({found[line.line_id].pair.server for line in done.repaired})
        return done

    interrupted = RunFailed("interrupted", {"name": server.account.name}, waiting=True)
    return await async_exclusive(server.hass, [server], work, what="undo", interrupted=interrupted)
