"""What somebody decides by hand about a pair or an account, from an action or from the dialog of a repair."""

from collections.abc import Awaitable, Callable
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ulid import ulid_now

from ..account.coordinator import AccountCoordinator
from ..account.exclusive import async_exclusive, save_all
from ..account.rounds import now
from ..const import DOMAIN
from ..errors import RunFailed, refused
from ..sync.media_server import NotFound, NotStored, NotSupported
from ..sync.model import Side
from ..sync.plan.decision import AccountError
from ..sync.run.mapping import (
    KindsDiffer,
    MappedToAnother,
    MappingRefused,
    NotMapped,
    UnclearSide,
    UnknownItem,
    ignore_item,
    map_item,
    unmap_item,
)
from ..sync.run.set_position import set_position
from .coordinator import PairCoordinator
from .run import RunPair

_MAPPING_ERRORS: Final[dict[type[MappingRefused], str]] = {
    UnknownItem: "unknown_item",
    KindsDiffer: "kinds_differ",
    MappedToAnother: "mapped_to_another",
    UnclearSide: "unclear_side",
    NotMapped: "not_mapped",
}
_POSITION_ERRORS: Final = ((NotFound, "item_not_found"), (NotSupported, "cannot_clear"), (NotStored, "not_stored"))


async def async_map_item(pair: PairCoordinator, source_item: str, target_item: str | None) -> None:
    """Say which item of the other account an item is, None: that it is to be ignored.

    Raises ServiceValidationError where that cannot be, and RunFailed where a server fails.
    """
    loaded = pair.loaded()
    accounts = {Side.LEFT: loaded.left.account, Side.RIGHT: loaded.right.account}

    async def work() -> None:
        ledger = loaded.ledger
        if target_item is None:
            await ignore_item(accounts, ledger, source_item, now=now, save=lambda: save_all(loaded.servers))
        else:
            await map_item(accounts, ledger, source_item, target_item, now=now, save=lambda: save_all(loaded.servers))

    await _mapped(pair, loaded, work)


async def async_unmap_item(pair: PairCoordinator, source_item: str) -> None:
    """Take back what was said of an item; raises ServiceValidationError where nothing was."""
    loaded = pair.loaded()
    accounts = {Side.LEFT: loaded.left.account, Side.RIGHT: loaded.right.account}
    await _mapped(
        pair, loaded, lambda: unmap_item(accounts, loaded.ledger, source_item, save=lambda: save_all(loaded.servers))
    )


async def async_set_position(
    hass: HomeAssistant, server: AccountCoordinator, item_id: str, new_position: Callable[[int], int]
) -> int:
    """Set where an item stands on an account as its viewer would, and return that; both in milliseconds.

    Raises ServiceValidationError where that cannot be, and RunFailed where the server fails.
    """
    account = server.account

    async def save() -> None:
        await save_all([server])

    async def work() -> int:
        try:
            return await set_position(account, item_id, new_position, now=now, save=save, run_id=ulid_now())
        except AccountError as error:
            for kind, translation_key in _POSITION_ERRORS:
                if isinstance(error.__cause__, kind):
                    raise refused(translation_key, item=item_id, account=account.name) from error
            raise

    interrupted = HomeAssistantError(
        translation_domain=DOMAIN, translation_key="interrupted", translation_placeholders={"name": account.name}
    )
    position = await async_exclusive(hass, [server], work, what="position by hand", interrupted=interrupted)
    server.async_publish()
    return position


async def _mapped(pair: PairCoordinator, loaded: RunPair, work: Callable[[], Awaitable[None]]) -> None:
    """Change what is mapped, and let a run look at the titles again."""
    try:
        await _with_both(pair, loaded, work)
    except MappingRefused as error:
        placeholders = {"item": error.item_id, "pair": pair.subentry.title}
        raise refused(_MAPPING_ERRORS[type(error)], **placeholders) from error
    pair.async_update_listeners()
    pair.config_entry.async_create_background_task(
        pair.hass, pair.async_request_refresh(), f"{DOMAIN} run after a mapping"
    )


async def _with_both[T](pair: PairCoordinator, loaded: RunPair, work: Callable[[], Awaitable[T]]) -> T:
    """Do work on a pair while nothing else reads or writes either of its accounts."""
    interrupted = RunFailed("interrupted", {"name": pair.subentry.title}, waiting=True)
    return await async_exclusive(pair.hass, loaded.servers, work, what="change by hand", interrupted=interrupted)
