"""The actions on the histories: what was written, and taking it back."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..account.coordinator import AccountCoordinator
from ..const import DOMAIN
from ..data import ResumeSyncConfigEntry
from ..errors import RunFailed, refused
from ..labels import shown_time, shown_title
from ..pair.undo import FoundLine, UndonePair, Wanted, async_undo, find_lines
from ..sync.run.history import Line
from ..sync.run.undo import Fate
from .asked_pairs import AskedPair, asked_pair, asked_pairs
from .rights import Caller
from .rows import Row, history_row

SERVICE_GET_HISTORY: Final = "get_history"
SERVICE_UNDO: Final = "undo"

ATTR_LIMIT: Final = "limit"
ATTR_LINE_ID: Final = "line_id"
ATTR_QUERY: Final = "query"
ATTR_RUN_ID: Final = "run_id"
ATTR_SINCE: Final = "since"

_USUAL_LINES: Final = 100
_MOST_LINES: Final = 1000

UNDO_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1)),
        vol.Optional(ATTR_SINCE): cv.datetime,
        vol.Optional(ATTR_RUN_ID): cv.string,
        vol.Optional(ATTR_LINE_ID): cv.string,
    }
)
HISTORY_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        vol.Optional(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_SINCE): cv.datetime,
        vol.Optional(ATTR_LIMIT, default=_USUAL_LINES): vol.All(vol.Coerce(int), vol.Range(1, _MOST_LINES)),
        vol.Optional(ATTR_QUERY, default=""): cv.string,
    }
)


@callback
def async_setup_history(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(DOMAIN, SERVICE_UNDO, _async_undo, UNDO_SCHEMA, SupportsResponse.OPTIONAL)
    hass.services.async_register(DOMAIN, SERVICE_GET_HISTORY, _async_get_history, HISTORY_SCHEMA, SupportsResponse.ONLY)


async def _async_undo(call: ServiceCall) -> ServiceResponse:
    """Take back what pairs wrote; fails when there is nothing to take back, or when that failed everywhere."""
    if len({ATTR_LINE_ID, ATTR_RUN_ID, ATTR_SINCE} & call.data.keys()) > 1:
        raise refused("line_run_or_time")
    caller = await Caller.of_action(call)
    since = _milliseconds(call.data.get(ATTR_SINCE))
    wanted = Wanted(line_id=call.data.get(ATTR_LINE_ID), run_id=call.data.get(ATTR_RUN_ID), since=since)
    # A person speaks for one title that is theirs.
    is_one_line = wanted.line_id is not None
    pairs = asked_pairs(
        call,
        lambda pair: caller.may_administer or (is_one_line and caller.may_see_pair(pair.entry, pair.subentry)),
    )
    lines: list[FoundLine] = []
    done: dict[str, UndonePair] = {}
    for pair in pairs:
        coordinator = pair.coordinator
        try:
            lines += find_lines(coordinator, wanted)
        except RunFailed as error:
            done[pair.subentry.subentry_id] = UndonePair(error=error)
    caller.require(allowed=caller.may_decide([one.server.config_entry for one in lines]))
    if not lines and not done:
        raise _nothing(wanted, pairs)
    done |= await async_undo(lines)
    rows = [(pair.name_row, result) for pair in pairs if (result := done.get(pair.subentry.subentry_id)) is not None]
    if not rows:
        raise _nothing(Wanted(), pairs)
    errors = [result.error for _, result in rows if result.error is not None and not result.fates]
    if len(errors) == len(rows):
        raise errors[0]
    return {"pairs": [name | _undone_row(result) for name, result in rows]}


def _nothing(wanted: Wanted, pairs: Sequence[AskedPair]) -> ServiceValidationError:
    """Return the error of an undo for which there is nothing."""
    names = ", ".join(pair.subentry.title for pair in pairs)
    if wanted.line_id is not None:
        return refused("line_not_found", line=wanted.line_id, pairs=names)
    if wanted.run_id is not None:
        return refused("run_not_found", run=wanted.run_id, pairs=names)
    return refused("nothing_to_undo", pairs=names)


def _undone_row(done: UndonePair) -> Row:
    """Return what became of an undo, in titles."""
    fates = done.fates
    return {
        "restored": fates[Fate.RESTORED] + fates[Fate.NOT_SHOWN],
        "moved": fates[Fate.MOVED],
        "not_supported": fates[Fate.NOT_SUPPORTED],
        "failed": fates[Fate.FAILED],
        "not_shown": fates[Fate.NOT_SHOWN],
        "error": None if done.error is None else str(done.error),
        "run_id": done.run_id,
    }


async def _async_get_history(call: ServiceCall) -> ServiceResponse:
    """Return what was written, latest first."""
    if len({ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID} & call.data.keys()) != 1:
        raise refused("account_or_pair")
    caller = await Caller.of_action(call)
    of_whom = _of_pair if ATTR_DEVICE_ID in call.data else _of_account
    servers, pair_id = of_whom(call, caller)
    since, query = _milliseconds(call.data.get(ATTR_SINCE)) or 0, call.data[ATTR_QUERY].strip().casefold()

    def is_told(line: Line) -> bool:
        is_wanted = line.at >= since and pair_id in (None, line.pair_id)
        return is_wanted and query in shown_title(line.item).plain.casefold()

    told = merge(*(_seen_lines(caller, server) for server in servers), key=lambda one: one[0].at, reverse=True)
    return {
        "items": [
            history_row(line, to, _account_name(call.hass, line.source_id))
            for line, to in islice((one for one in told if is_told(one[0])), call.data[ATTR_LIMIT])
        ],
        "known_since": shown_time(max(server.account.history.known_since for server in servers)),
    }


def _of_pair(call: ServiceCall, caller: Caller) -> tuple[Sequence[AccountCoordinator], str | None]:
    """Return the accounts of the pair that was named, and its id."""
    pair = asked_pair(call.hass, call.data[ATTR_DEVICE_ID])
    caller.require(allowed=caller.may_see_pair(pair.entry, pair.subentry))
    return pair.coordinator.loaded().servers, pair.subentry.subentry_id


def _of_account(call: ServiceCall, caller: Caller) -> tuple[Sequence[AccountCoordinator], str | None]:
    """Return the account that was named, and no pair."""
    entry: ResumeSyncConfigEntry = service.async_get_config_entry(call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID])
    caller.require(allowed=caller.may_see_account(entry))
    return [entry.runtime_data.account], None


def _seen_lines(caller: Caller, server: AccountCoordinator) -> Iterator[tuple[Line, str]]:
    """Yield the lines of an account that a read has shown and that may be seen, latest first, with its name."""
    lines = server.account.history.lines.values()
    seen = {one: caller.may_see_written(server.config_entry, one) for one in {line.source_id for line in lines}}
    for line in reversed(lines):
        if line.confirmed and seen[line.source_id]:
            yield line, server.config_entry.title


def _account_name(hass: HomeAssistant, account_id: str) -> str | None:
    """Return what an account is called; None: there is none, or it is gone."""
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, account_id)
    return None if entry is None else entry.title


def _milliseconds(time: datetime | None) -> int | None:
    """Return a time in milliseconds since the epoch; one without a zone is that of Home Assistant."""
    return None if time is None else int(dt_util.as_utc(time).timestamp() * 1000)
