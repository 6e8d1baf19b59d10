"""What a form says when a media server does not do what was asked."""

from collections.abc import Mapping
from typing import Final

from homeassistant.const import CONF_URL

from ..servers.http import UnexpectedStatusError
from ..servers.plex.plex_tv import PlexTvBusy, PlexTvError
from ..sync.media_server import (
    BadCertificate,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    ProxySignIn,
    RateLimited,
    Redirected,
    ServerBusy,
    UnsupportedVersion,
    WrongKind,
)

CANNOT_CONNECT: Final = "cannot_connect"
REDIRECTED: Final = "redirected"
PROXY_SIGN_IN: Final = "proxy_sign_in"
INVALID_AUTH: Final = "invalid_auth"
UNSUPPORTED_VERSION: Final = "unsupported_version"
WRONG_KIND: Final = "wrong_kind"
PLEX_WEBSITE: Final = "plex_website"
CERTIFICATE: Final = "certificate"
SERVER_ERROR: Final = "server_error"
RATE_LIMITED: Final = "rate_limited"
UNKNOWN_USER: Final = "unknown_user"
USER_DISABLED: Final = "user_disabled"
UNKNOWN: Final = "unknown"
SERVER_ERRORS: Final = 500
PLEX_TV_AWAY: Final = "plex_tv_away"
PLEX_TV_BUSY: Final = "plex_tv_busy"
CODE_EXPIRED: Final = "code_expired"
WRONG_SERVER: Final = "wrong_server"

AT_ADDRESS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        CANNOT_CONNECT,
        WRONG_KIND,
        PLEX_WEBSITE,
        CERTIFICATE,
        REDIRECTED,
        PROXY_SIGN_IN,
        SERVER_ERROR,
        RATE_LIMITED,
        UNSUPPORTED_VERSION,
        WRONG_SERVER,
    ),
    CONF_URL,
)


class PlexWebsite(BadResponse):
    """The address of Plex's website was entered, where no media server is."""


_KEYS: Final[tuple[tuple[type[MediaServerError] | tuple[type[MediaServerError], ...], str], ...]] = (
    (PlexTvBusy, PLEX_TV_BUSY),
    (PlexTvError, PLEX_TV_AWAY),
    (PlexWebsite, PLEX_WEBSITE),
    (WrongKind, WRONG_KIND),
    (BadCertificate, CERTIFICATE),
    (UnsupportedVersion, UNSUPPORTED_VERSION),
    ((InvalidAuth, NotAllowed), INVALID_AUTH),
    (ProxySignIn, PROXY_SIGN_IN),
    (Redirected, REDIRECTED),
    (RateLimited, RATE_LIMITED),
    (ServerBusy, SERVER_ERROR),
    ((CannotConnect, BadResponse, NotFound), CANNOT_CONNECT),
)
"""What each error is called; the first that fits counts."""


def error_key(error: MediaServerError) -> str:
    """Return the translation key of an error; an answer that is none counts as no media server at that address."""
    if isinstance(error, UnexpectedStatusError) and error.status >= SERVER_ERRORS:
        return SERVER_ERROR
    return next((key for kinds, key in _KEYS if isinstance(error, kinds)), UNKNOWN)


def form_errors(error: MediaServerError, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of a form: at the field that is to blame (`fields`: by error key), else above all fields."""
    key = error_key(error)
    return {fields.get(key, "base"): key}


def account_errors(error: MediaServerError, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of a form for an account that exists: what answers otherwise is not its server."""
    if isinstance(error, BadResponse) and error_key(error) in (CANNOT_CONNECT, WRONG_KIND):
        return {fields.get(WRONG_SERVER, "base"): WRONG_SERVER}
    return form_errors(error, fields)


def code_errors(error: MediaServerError) -> dict[str, str]:
    """Return the errors of a form that offers a new sign-in code, after the last one led nowhere."""
    return {"base": CODE_EXPIRED if isinstance(error, NotFound) else error_key(error)}
