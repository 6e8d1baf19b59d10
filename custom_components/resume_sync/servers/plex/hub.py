"""The "Continue Watching" hub of a Plex server: a choice of what is in progress, and next episodes among it."""

from typing import Final

from ...sync.media_server import AnotherServer, BadResponse, InvalidAuth, NotAllowed, NotFound
from ...sync.model import Hub
from ..limits import rows_of_library
from ..plain_text import whole_number
from .http_session import RequestRejected
from .listing import SLIM
from .rows import is_rating_key
from .transport import Params, PlexTransport, media_container

_PATH: Final = "/hubs/continueWatching/items"
_MOST: Final = 1000
_HIGHEST_COUNT: Final = 10**9
_ASKED: Final[Params] = {**SLIM, "includeGuids": 0, "count": _MOST}
_LIMITS: Final = rows_of_library(_MOST, ())
_PAGE: Final = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": str(_MOST)}


async def read_hub(transport: PlexTransport) -> Hub | None:
    """Read the hub; None where the server refuses it, does not know it, or answers what cannot be read.

    It shows one episode of each show, nothing that was left before the weeks of the server's setting (16), and no more
    than it was asked for. So what is missing in it may be in progress all the same.
    """
    try:
        answer = await transport.read(_PATH, _ASKED, _PAGE, limits=_LIMITS, confirm=False)
        container = media_container(answer)
    except AnotherServer:
        raise
    except InvalidAuth, NotAllowed, NotFound, RequestRejected, BadResponse:
        return None
    keys = [(row.get("ratingKey", ""), row.get("grandparentRatingKey", "")) for row in container]
    # A row that is not understood may be any title: nothing is missing for sure.
    readable = all(is_rating_key(key) for key, _ in keys)
    total = whole_number(container.get("totalSize", "0"), _HIGHEST_COUNT)
    whole = readable and len(keys) < _MOST and total is not None and total <= len(keys)
    shown = {key: show if is_rating_key(show) else key for key, show in keys if is_rating_key(key)}
    return Hub(shown, answer.sent_at, whole=whole)
