"""Which library an item is in: Jellyfin and Emby tell it of one item at a time, by all the folders above it."""

from collections.abc import Callable, Collection, Mapping
import re
from typing import Final

from ...sync.media_server import AnotherServer, BadResponse, NotAllowed, NotFound
from ..http import JsonConnection
from ..plain_text import plain_text
from .rows import StateRow, json_list
from .who_answers import WhoAnswers

LIBRARY_KEPT_MS: Final = 24 * 3600_000
_LIBRARY: Final = "CollectionFolder"


class LibraryNames:
    """Asks for the folders above an item, and keeps the name of its library for a day, also where there is none.

    All films of one folder are in one library, and so are all episodes of a show: one of them is asked for.
    """

    def __init__(
        self,
        connection: JsonConnection,
        item_id: re.Pattern[str],
        user_id: str,
        now: Callable[[], int],
        *,
        who: WhoAnswers,
    ) -> None:
        """Know nothing yet; `item_id` is how an id of this server looks."""
        self._connection = connection
        self._item_id = item_id
        self._user_id = user_id
        self._now = now
        self._who = who
        self._places: dict[str, str] = {}
        self._known: dict[str, tuple[str, int]] = {}

    def listed(self, rows: Mapping[str, StateRow]) -> None:
        """Take note of the folders of a complete listing, with which a run begins."""
        self._places.clear()
        self.read(rows)

    def read(self, rows: Mapping[str, StateRow]) -> None:
        """Take note of the folders of more items."""
        places = ((item_id, row.show_item_id or row.folder) for item_id, row in rows.items())
        self._places |= {item_id: place for item_id, place in places if place is not None}

    def forget(self) -> None:
        """Know nothing any more."""
        self._places.clear()
        self._known.clear()

    async def of(self, item_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of the libraries of some items; those whose library is not told are left out."""
        now = self._now()
        self._known = {key: kept for key, kept in self._known.items() if 0 <= now - kept[1] < LIBRARY_KEPT_MS}
        names: dict[str, str] = {}
        for item_id in sorted(key for key in item_ids if self._item_id.fullmatch(key)):
            place = self._places.get(item_id, item_id)
            if place not in self._known:
                self._known[place] = await self._ask(item_id), now
            names[item_id] = self._known[place][0]
        return {item_id: name for item_id, name in names.items() if name}

    async def _ask(self, item_id: str) -> str:
        """Return the name of an item's library; empty where the server does not tell it, for which no run fails."""
        try:
            answer = await self._connection.get(f"/Items/{item_id}/Ancestors", {"userId": self._user_id})
            rows = [row for row in json_list(answer.body) if isinstance(row, dict)]
        except AnotherServer:
            raise
        except NotAllowed, NotFound, BadResponse:
            return ""
        for row in rows:
            self._who.check(row)
        names = (row.get("Name") for row in rows if row.get("Type") == _LIBRARY)
        return next((plain_text(name) for name in names if isinstance(name, str)), "")
