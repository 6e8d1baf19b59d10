"""Positions of one account that came to 0 together: what their titles are, and what somebody answers."""

from collections.abc import Collection

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send

from ..const import DOMAIN
from ..sync.media_server import MediaServerError
from ..sync.model import Item
from ..sync.plan.decision import AccountError
from .coordinator import AccountCoordinator
from .exclusive import async_exclusive, save_all
from .rounds import now
from .signals import signal_account_moved


async def async_held_titles(hass: HomeAssistant, server: AccountCoordinator) -> list[tuple[Item, int]]:
    """Return the titles whose zeros wait for an answer, with where they stood, in milliseconds.

    The names are asked for, since a list leaves out what is at 0. Raises RunFailed where the server fails.
    """
    account = server.account

    async def work() -> list[tuple[Item, int]]:
        held = account.journal.held()
        try:
            read = await account.server.states(list(held))
        except MediaServerError as error:
            raise AccountError(account.account_id, error) from error
        items = {item_id: state.item for item_id, state in read.items.items()}
        return [
            (items.get(item_id) or entry.as_item(item_id), entry.place.position_ms) for item_id, entry in held.items()
        ]

    return await async_exclusive(hass, [server], work, what="names of titles", interrupted=_interrupted(server))


async def async_answer_mass_zeros(
    hass: HomeAssistant, server: AccountCoordinator, item_ids: Collection[str], *, meant: bool
) -> None:
    """Settle zeros that came together: they were meant, or the places before them are given back by the next runs."""

    async def work() -> None:
        server.account.journal.answer_held(item_ids, meant=meant, now=now())
        await save_all([server])

    await async_exclusive(hass, [server], work, what="answer", interrupted=_interrupted(server))
    server.async_update_listeners()
    async_dispatcher_send(hass, signal_account_moved(server.config_entry.unique_id), 0)


def _interrupted(server: AccountCoordinator) -> HomeAssistantError:
    """Return what is raised where the account is unloaded meanwhile."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="interrupted",
        translation_placeholders={"name": server.account.name},
    )
