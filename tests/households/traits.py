"""How servers of each kind behave, as the clients tell the core."""

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.plex.server import MINIMUM_MS
from custom_components.resume_sync.sync.model import DateMeaning, ServerTraits, ServerType

WATCHED_PERCENT = 90
_PLEX = ServerTraits(
    ServerType.PLEX,
    DateMeaning.LAST_WRITE,
    can_clear=False,
    takes_date=False,
    writes_at_once=1,
    minimum_ms=MINIMUM_MS,
    watched_percent=WATCHED_PERCENT,
    can_hide=True,
)
TRAITS = {ServerType.PLEX: _PLEX, ServerType.JELLYFIN: JELLYFIN.traits, ServerType.EMBY: EMBY.traits}
