"""Everything that must not be told of a home: what its tokens, addresses, names, ids and titles are."""

from collections.abc import Iterator
import json
from typing import Any

from homeassistant.helpers import device_registry as dr
from yarl import URL

from .household import FILMS, HOME_MOVIE, SHOW, USER, Household


def secrets_of_home(home: Household) -> set[str]:
    """Return what nothing that leaves the home may hold."""
    return {secret for secret in _secrets(home) if secret}


def _secrets(home: Household) -> Iterator[str]:
    """Yield every secret of a home."""
    for server in map(home.server, home.servers):
        yield from (server.url, server.name, server.server_id, f":{URL(server.url).port}", *server.accounts.tokens)
        for user in server.users.values():
            yield from (user.name, user.user_id, user.password)
        yield from (entry.item_id for entry in server.holdings)
    for entry in home.entries.values():
        yield from (entry.entry_id, entry.unique_id or "", entry.title)
        yield from (value for value in entry.data.values() if isinstance(value, str) and value != entry.data["type"])
        for subentry in entry.subentries.values():
            yield from (subentry.subentry_id, subentry.title)
        yield from (device.id for device in dr.async_entries_for_config_entry(dr.async_get(home.hass), entry.entry_id))
    yield from ("127.0.0.1", "localhost", USER, SHOW.title)
    for film in (*FILMS, HOME_MOVIE):
        yield from (film.title, *film.ids.values())
    for episode in SHOW.episodes:
        yield from (episode.title, *episode.ids.values())


def told(secrets: set[str], data: Any) -> set[str]:
    """Return the secrets that some data tells, in whatever case; a number counts only as a whole value or key."""
    text = json.dumps(data, default=str, ensure_ascii=False).casefold()
    whole = {str(value) for value in _leaves(data)}
    return {secret for secret in secrets if (secret in whole if secret.isdecimal() else secret.casefold() in text)}


def _leaves(data: Any) -> Iterator[Any]:
    """Yield every key, and every value that is not made of others."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _leaves(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _leaves(value)
    elif isinstance(data, str):
        yield data
