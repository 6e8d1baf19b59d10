"""Writing to a Plex server: a position by `/:/progress` or `/:/timeline`, and that a title is hidden."""

from typing import Final
import uuid

from ...sync.media_server import InvalidAuth, NotAllowed, NotFound, NotSupported
from ...sync.model import ItemState, PositionWrite
from .http_session import RequestRejected
from .rows import is_rating_key
from .transport import Params, PlexTransport

_LIBRARY: Final = "com.plexapp.plugins.library"
_DOCUMENTED: Final = "POST"
_HIDE: Final = "/actions/removeFromContinueWatching"


class PlexWriting:
    """Writes positions, and remembers which request works.

    `/:/progress` answers 401 to users outside the owner's home, though their tokens are good
    (github.com/arabcoders/watchstate/issues/406). `/:/timeline` takes every user's report, but ignores one without a
    duration or a client identifier. The state is always `stopped`: any other leaves a session behind.

    Both are sent as GET, as every server takes them today; only POST of the timeline is documented. A server that
    insists on it gets it from then on.
    """

    def __init__(self, transport: PlexTransport, *, is_owner: bool) -> None:
        """Expect `/:/progress` to work for the owner only."""
        self._transport = transport
        self._is_owner = is_owner
        self._progress_works = is_owner
        self._timeline_method = "GET"
        self._before: dict[str, tuple[int, int | None]] = {}

    async def write(self, write: PositionWrite) -> None:
        """Store a position, at most the duration; raises MediaServerError. Status 200 proves nothing: read it back."""
        base = write.base
        if not is_rating_key(base.item_id):
            raise NotFound("Not an item of a Plex server")
        duration = base.item.duration_ms
        position = write.position_ms if duration is None else min(write.position_ms, duration)
        if duration is None:
            await self._progress_only(base.item_id, position)
        elif not self._progress_works or self._did_not_take(write):
            await self._timeline(base.item_id, position, duration)
        else:
            await self._progress_first(write, position, duration)

    async def hide(self, base: ItemState) -> None:
        """Take an item off "Continue Watching"; raises MediaServerError, NotSupported where the server cannot do it.

        The request is that of plexapi and of Plex's own apps, and documented nowhere.
        """
        if not is_rating_key(base.item_id):
            raise NotFound("Not an item of a Plex server")
        try:
            await self._transport.write(_HIDE, {"ratingKey": base.item_id}, method="PUT")
        except NotFound, RequestRejected:
            await self._confirm_item(base.item_id)
            raise NotSupported("The server cannot hide a title") from None

    def _did_not_take(self, write: PositionWrite) -> bool:
        """Tell whether the last write of the item changed nothing."""
        base = write.base
        return self._before.pop(base.item_id, None) == (base.position_ms, base.last_played_server_ms)

    async def _progress_first(self, write: PositionWrite, position: int, duration: int) -> None:
        """Send `/:/progress`, and `/:/timeline` where it is refused or missing; raises NotFound for a missing item."""
        base = write.base
        try:
            await self._progress(base.item_id, position, confirm=False)
        except (InvalidAuth, NotAllowed, NotFound, RequestRejected) as refusal:
            if isinstance(refusal, NotFound):
                await self._confirm_item(base.item_id)
            await self._timeline(base.item_id, position, duration)
            self._progress_works = False
        else:
            self._before[base.item_id] = (base.position_ms, base.last_played_server_ms)

    async def _progress_only(self, item_id: str, position: int) -> None:
        """Write an item of unknown duration; raises NotAllowed where the server takes none, with a good token."""
        try:
            await self._progress(item_id, position, confirm=self._is_owner)
        except InvalidAuth:
            if self._is_owner:
                raise
            raise NotAllowed("The server takes no position from this user without a duration") from None
        except NotFound, RequestRejected:
            await self._confirm_item(item_id)
            raise NotAllowed("The server takes no position without a duration") from None

    async def _confirm_item(self, item_id: str) -> None:
        """Raise NotFound where it is the item that is missing, and not the route: `/:/progress` is not documented."""
        await self._transport.read(f"/library/metadata/{item_id}", {"skipRefresh": 1})

    async def _progress(self, item_id: str, position: int, *, confirm: bool) -> None:
        """Send what plexapi's `updateProgress(position, state="stopped")` sends."""
        params: Params = {"key": item_id, "identifier": _LIBRARY, "time": position, "state": "stopped"}
        await self._transport.write("/:/progress", params, confirm=confirm)

    async def _timeline(self, item_id: str, position: int, duration: int) -> None:
        """Send what plexapi's `updateTimeline` sends, as a session of its own, so that no app seems to jump about."""
        params: Params = {
            "ratingKey": item_id,
            "key": f"/library/metadata/{item_id}",
            "identifier": _LIBRARY,
            "state": "stopped",
            "time": position,
            "duration": duration,
        }
        headers = {"X-Plex-Session-Identifier": uuid.uuid4().hex}
        try:
            await self._transport.write("/:/timeline", params, headers, method=self._timeline_method)
        except NotFound, RequestRejected:
            if self._timeline_method == _DOCUMENTED:
                raise
            await self._transport.write("/:/timeline", params, headers, method=_DOCUMENTED)
            self._timeline_method = _DOCUMENTED
