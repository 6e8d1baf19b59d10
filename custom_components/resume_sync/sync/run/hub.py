"""What an account's server shows as "Continue watching", looked at only where pairs remove titles (Plex)."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..journal.hidden import Look, taken_off
from ..media_server import MediaServer
from ..model import Hub, ItemState, Snapshot

_WANTED_MS = 3_600_000


class HubWatch:
    """The last look at an account's hub, by which a title that somebody hid is told.

    Nothing of it is stored: what is hidden while Home Assistant is away stays unseen.
    """

    def __init__(self, server: MediaServer) -> None:
        """Start without a look."""
        self._server = server
        self._last: Look | None = None
        self._wanted_at: int | None = None

    def copy(self) -> HubWatch:
        """Return a copy for a preview."""
        other = HubWatch(self._server)
        other._last, other._wanted_at = self._last, self._wanted_at
        return other

    def want(self, now: int) -> None:
        """Look from now on: a pair removes what was hidden here. An hour after the last such run it ends."""
        self._wanted_at = now

    async def look(self, now: int) -> Hub | None:
        """Read the hub; None where nobody wants it, or the server does not tell it. Raises MediaServerError."""
        wanted = self._wanted_at is not None and 0 <= now - self._wanted_at < _WANTED_MS
        return await self._server.hub() if wanted and self._server.traits.can_hide else None

    def with_hidden(self, snapshot: Snapshot, hub: Hub | None) -> Snapshot:
        """Return a snapshot that tells of the titles that were hidden since the last look; does not take the look in.

        The hub was read before the snapshot: a title that was finished or played in between is not where it was.
        """
        if hub is None or self._last is None:
            return snapshot
        hidden = taken_off(self._last, Look(hub, snapshot.items))
        if not hidden:
            return snapshot
        return replace(snapshot, items={**snapshot.items, **_marked(snapshot.items, hidden)})

    def take_in(self, snapshot: Snapshot, hub: Hub | None) -> None:
        """Keep a look for the next one to be compared with; None: none was made, and the earlier one stays."""
        if hub is not None:
            self._last = Look(hub, snapshot.items)

    async def confirm(self, states: Mapping[str, ItemState], item_ids: Collection[str]) -> Mapping[str, ItemState]:
        """Return states, read after these items were hidden, that tell which of them the hub does not show any more.

        Raises MediaServerError.
        """
        hub = await self._server.hub()
        if hub is None:
            return states
        seen = self._last.hub.shown.keys() if self._last else frozenset[str]()
        # Of a hub that may hold more than it tells, only a title that was on it before is known to be gone.
        gone = {one for one in item_ids if one in states and one not in hub.shown and (hub.whole or one in seen)}
        # Ours: the next look must not take them for hidden by somebody. What others have hidden it still has to find.
        if self._last is not None:
            kept = {item_id: title for item_id, title in self._last.hub.shown.items() if item_id not in gone}
            self._last = replace(self._last, hub=replace(self._last.hub, shown=kept))
        return {**states, **_marked(states, gone)}

    async def missing(self, item_ids: Collection[str]) -> frozenset[str]:
        """Return those of some items that the hub does not show, as far as it tells. Raises MediaServerError."""
        hub = await self._server.hub() if item_ids else None
        return frozenset[str]() if hub is None or not hub.whole else frozenset(item_ids) - hub.shown.keys()


def _marked(states: Mapping[str, ItemState], hidden: Collection[str]) -> dict[str, ItemState]:
    """Return those of some states that were hidden, and say so in them."""
    return {item_id: replace(states[item_id], hidden=True) for item_id in hidden}
