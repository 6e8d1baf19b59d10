"""Names that the whole integration uses."""

from datetime import timedelta
import logging

from .sync.model import ServerType

DOMAIN = "resume_sync"
REPOSITORY = "https://github.com/resume-sync/resume-sync"
LOGGER = logging.getLogger(__package__)

SUBENTRY_TYPE_PAIR = "pair"

CONF_SERVER_ID = "server_id"
CONF_SERVER_NAME = "server_name"
CONF_USER_ID = "user_id"
CONF_USER_NAME = "user_name"
CONF_LIBRARIES = "libraries"
CONF_ARTWORK = "artwork"
CONF_PERSON = "person"
CONF_PRIVATE = "private"

CONF_PEER = "peer"
CONF_DIRECTION = "direction"
CONF_ADD = "add"
CONF_REMOVE = "remove"
CONF_HIDE_ON_PLEX = "hide_on_plex"
CONF_MIN_SECONDS = "min_seconds"
CONF_DELTA_SECONDS = "delta_seconds"
CONF_MAX_PERCENT = "max_percent"
CONF_SYNC_NOW = "sync_now"

SERVER_NAMES = {ServerType.PLEX: "Plex", ServerType.JELLYFIN: "Jellyfin", ServerType.EMBY: "Emby"}

PLEX_TV_URL = "https://plex.tv"
# A demo and tests sign in without the internet: this environment variable holds the address of their own plex.tv.
PLEX_TV_VARIABLE = "RESUME_SYNC_PLEX_TV"

SCAN_INTERVAL = timedelta(minutes=5)

MODEL_ID_SERVER = "server"
MODEL_ID_PAIR = "pair"
