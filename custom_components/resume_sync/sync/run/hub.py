"""What an account's server shows as "Continue watching", looked at only where pairs remove titles (Plex)."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..journal.hidden import Look, taken_off
from ..media_server import MediaServer
from ..model import Hub, ItemState, Snapshot

_WANTED_MS = 3_600_000


class HubWatch:
    """The looks at an account's hub, by which a title that somebody hid is told: missing in two of them.

    Nothing of it is stored: what is hidden while Home Assistant is away stays unseen.
    """

    def __init__(self, server: MediaServer) -> None:
        """Start without a look."""
        self._server = server
        self._last: Look | None = None
        self._missing: Mapping[str, int] = {}
        self._wanted_at: int | None = None

    def copy(self) -> HubWatch:
        """Return a copy for a preview."""
        other = HubWatch(self._server)
        other._last, other._missing, other._wanted_at = self._last, self._missing, self._wanted_at
        return other

    def want(self, now: int) -> None:
        """Look from now on: a pair removes what was hidden here. An hour after the last such run it ends."""
        self._wanted_at = now

    async def look(self, now: int) -> Hub | None:
        """Read the hub; None where nobody wants it, or the server does not tell it. Raises MediaServerError.

        To be called before the list is read: a title that is finished or played in between is not where it was.
        """
        wanted = self._wanted_at is not None and 0 <= now - self._wanted_at < _WANTED_MS
        return await self._server.hub() if wanted and self._server.traits.can_hide else None

    def with_hidden(self, snapshot: Snapshot, hub: Hub | None) -> Snapshot:
        """Return a snapshot that tells of the titles that were hidden; takes nothing in."""
        missing = self._still_missing(snapshot, hub).keys() & self._missing.keys()
        if not missing:
            return snapshot
        items = {**snapshot.items, **_marked(snapshot.items, missing)}
        return replace(snapshot, items=items, hidden_after={item_id: self._missing[item_id] for item_id in missing})

    def take_in(self, snapshot: Snapshot, hub: Hub | None) -> None:
        """Keep a look for the next one to be compared with; None: none was made, and the earlier one stays."""
        if hub is None:
            return
        # Missing for the first time: by a wish, or by a server that was just busy with the title. The next look tells.
        # 20:00 shown · 20:05 missing · 20:10 missing: hidden after 20:00.
        found = self._still_missing(snapshot, hub)
        missing = {item_id: at for item_id, at in found.items() if item_id not in self._missing}
        titles = self._last.hub.shown if self._last else {}
        shown = {**hub.shown, **{item_id: titles[item_id] for item_id in missing}}
        self._last, self._missing = Look(replace(hub, shown=shown), snapshot.items), missing

    async def confirm(self, states: Mapping[str, ItemState], item_ids: Collection[str]) -> Mapping[str, ItemState]:
        """Return states, read after we hid these items, that tell which of them the hub does not show any more.

        Raises MediaServerError.
        """
        hub = await self._server.hub()
        if hub is None:
            return states
        seen = self._last.hub.shown.keys() if self._last else frozenset[str]()
        # Of a hub that may hold more than it tells, only a title that was on it before is known to be gone.
        gone = {one for one in item_ids if one in states and one not in hub.shown and (hub.whole or one in seen)}
        # Ours: the next looks must not take them for hidden by somebody. What others have hidden they still have to
        # find.
        if self._last is not None:
            kept = {item_id: title for item_id, title in self._last.hub.shown.items() if item_id not in gone}
            self._last = replace(self._last, hub=replace(self._last.hub, shown=kept))
        return {**states, **_marked(states, gone)}

    async def missing(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return those of some items that the hub does not show, as far as it tells. Raises MediaServerError."""
        hub = await self._server.hub() if item_ids else None
        return frozenset[str]() if hub is None or not hub.whole else frozenset(item_ids) - hub.shown.keys()

    def _still_missing(self, snapshot: Snapshot, hub: Hub | None) -> Mapping[str, int]:
        """Return the items that are missing on a hub, with the times of the looks that last showed them."""
        if hub is None or self._last is None:
            return {}
        found = taken_off(self._last, Look(hub, snapshot.items))
        return {item_id: self._missing.get(item_id, self._last.hub.read_at) for item_id in found}


def _marked(states: Mapping[str, ItemState], hidden: Collection[str]) -> dict[str, ItemState]:
    """Return those of some states that were hidden, and say so in them."""
    return {item_id: replace(states[item_id], hidden=True) for item_id in hidden}
