"""The planner that everybody writes first: the newest server date wins, and absence is intent."""

from collections.abc import Callable, Iterable

from custom_components.resume_sync.sync.identity import search_keys
from custom_components.resume_sync.sync.ledger import Ledger
from custom_components.resume_sync.sync.media_server import MediaServerError
from custom_components.resume_sync.sync.model import Direction, ItemState, PairRules, PositionWrite
from custom_components.resume_sync.sync.plan.decision import AccountError, Report
from custom_components.resume_sync.sync.run.account import Account
from custom_components.resume_sync.sync.run.runner import RunMode


class NaiveEngine:
    """Runs pairs without a journal. It remembers what was on both sides, to see what is missing now."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._on_both: dict[tuple[str, str], set[str]] = {}

    async def __call__(
        self,
        left: Account,
        right: Account,
        rules: PairRules,
        ledger: Ledger,
        *,
        now: Callable[[], int],
        mode: RunMode,
        **_: object,
    ) -> Report:
        """Run a pair once."""
        started_at = now()
        accounts = {left.account_id: left, right.account_id: right}
        listed: dict[str, dict[str, ItemState]] = {}
        for name, account in accounts.items():
            try:
                listed[name] = _by_ids((await account.server.in_progress()).items.values())
            except MediaServerError as error:
                raise AccountError(name, error) from error
        if mode is RunMode.SYNC:
            for source, target in ((left, right), (right, left)):
                if rules.direction is not Direction.FROM_PEER or source is right:
                    await self._carry(source, target, listed)
        return Report((), started_at, now(), applied=mode is RunMode.SYNC)

    async def _carry(self, source: Account, target: Account, listed: dict[str, dict[str, ItemState]]) -> None:
        """Carry positions over, and clear what the source does not show any more."""
        here, there = listed[source.account_id], listed[target.account_id]
        known = self._on_both.setdefault((source.account_id, target.account_id), set())
        try:
            for key, state in here.items():
                other = there.get(key) or await _look_up(target, state)
                if other is not None and _date(state) > _date(other) and state.position_ms != other.position_ms:
                    await target.server.write_position(
                        PositionWrite(other, state.position_ms, state.last_played_server_ms)
                    )
            for key in known - here.keys():
                if key in there and target.server.traits.can_clear:
                    await target.server.clear_position(there[key])
        except MediaServerError as error:
            raise AccountError(target.account_id, error) from error
        self._on_both[source.account_id, target.account_id] = known | (here.keys() & there.keys())


def _by_ids(states: Iterable[ItemState]) -> dict[str, ItemState]:
    """Return states by the one id of their titles that all servers know."""
    return {min(key for key in search_keys(one.item) if ":plex:" not in key): one for one in states}


def _date(state: ItemState) -> int:
    """Return the server's date, as it stands there."""
    return state.last_played_server_ms or 0


async def _look_up(account: Account, state: ItemState) -> ItemState | None:
    """Return the other server's item."""
    found = (await account.server.find([state.item]))[state.item_id]
    read = await account.server.states([item.item_id for item in found])
    return next(iter(read.items.values()), None)
