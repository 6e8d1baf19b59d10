"""What a form says when a media server does not do what was asked."""

from collections.abc import Mapping
from typing import Final

from homeassistant.const import CONF_URL

from ..servers.plex.plex_tv import PlexTvBusy, PlexTvError
from ..sync.media_server import (
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ProxySignIn,
    Redirected,
    ServerBusy,
    UnsupportedVersion,
)

CANNOT_CONNECT: Final = "cannot_connect"
REDIRECTED: Final = "redirected"
PROXY_SIGN_IN: Final = "proxy_sign_in"
INVALID_AUTH: Final = "invalid_auth"
UNSUPPORTED_VERSION: Final = "unsupported_version"
UNKNOWN: Final = "unknown"
PLEX_TV_AWAY: Final = "plex_tv_away"
PLEX_TV_BUSY: Final = "plex_tv_busy"
CODE_EXPIRED: Final = "code_expired"
WRONG_SERVER: Final = "wrong_server"

AT_ADDRESS: Final[Mapping[str, str]] = dict.fromkeys(
    (CANNOT_CONNECT, REDIRECTED, PROXY_SIGN_IN, UNSUPPORTED_VERSION, WRONG_SERVER), CONF_URL
)


def error_key(error: MediaServerError) -> str:
    """Return the translation key of an error; an answer that is none counts as no media server at that address."""
    match error:
        case PlexTvBusy():
            return PLEX_TV_BUSY
        case PlexTvError():
            return PLEX_TV_AWAY
        case UnsupportedVersion():
            return UNSUPPORTED_VERSION
        case InvalidAuth() | NotAllowed():
            return INVALID_AUTH
        case ProxySignIn():
            return PROXY_SIGN_IN
        case Redirected():
            return REDIRECTED
        case CannotConnect() | ServerBusy() | BadResponse() | NotFound():
            return CANNOT_CONNECT
        case _:
            return UNKNOWN


def form_errors(error: MediaServerError, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of a form: at the field that is to blame (`fields`: by error key), else above all fields."""
    key = error_key(error)
    return {fields.get(key, "base"): key}


def account_errors(error: MediaServerError, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of a form for an account that exists: what answers otherwise is not its server."""
    if isinstance(error, BadResponse) and not isinstance(error, Redirected):
        return {fields.get(WRONG_SERVER, "base"): WRONG_SERVER}
    return form_errors(error, fields)


def code_errors(error: MediaServerError) -> dict[str, str]:
    """Return the errors of a form that offers a new sign-in code, after the last one led nowhere."""
    return {"base": CODE_EXPIRED if isinstance(error, NotFound) else error_key(error)}
