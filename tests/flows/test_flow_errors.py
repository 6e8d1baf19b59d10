"""From what goes wrong on a server to what a form says."""

import pytest

from custom_components.resume_sync.flows.errors import (
    AT_ADDRESS,
    PlexWebsite,
    account_errors,
    code_errors,
    error_key,
    form_errors,
)
from custom_components.resume_sync.servers.http import UnexpectedStatusError
from custom_components.resume_sync.servers.plex.plex_tv import PlexTvAway, PlexTvBusy, PlexTvUnclear, PlexTvUnknown
from custom_components.resume_sync.sync.media_server import (
    BadCertificate,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    MediaServerError,
    NotAllowed,
    NotFound,
    NotSupported,
    ProxySignIn,
    RateLimited,
    Redirected,
    ServerBusy,
    UnsupportedVersion,
    WrongKind,
)
from custom_components.resume_sync.sync.model import ServerType


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CannotConnect(), "cannot_connect"),
        (ProxySignIn(), "proxy_sign_in"),
        (Redirected("/web"), "redirected"),
        (ServerBusy("later", 3), "server_error"),
        (RateLimited("later", 3), "rate_limited"),
        (BadCertificate(), "certificate"),
        (WrongKind(ServerType.EMBY), "wrong_kind"),
        (PlexWebsite(), "plex_website"),
        (UnexpectedStatusError(500), "server_error"),
        (UnexpectedStatusError(400), "cannot_connect"),
        (BadResponse(), "cannot_connect"),
        (NotFound(), "cannot_connect"),
        (InvalidAuth(), "invalid_auth"),
        (NotAllowed(), "invalid_auth"),
        (UnsupportedVersion(), "unsupported_version"),
        (PlexTvAway(), "plex_tv_away"),
        (PlexTvUnclear(), "plex_tv_away"),
        (PlexTvUnknown(), "plex_tv_away"),
        (PlexTvBusy("later"), "plex_tv_busy"),
        (NotSupported(), "unknown"),
        (MediaServerError(), "unknown"),
    ],
)
def test_each_error_has_a_text(error: MediaServerError, key: str) -> None:
    """Each error of the port has a text, and those of plex.tv have their own."""
    assert error_key(error) == key


def test_errors_stand_at_their_field() -> None:
    """An error stands at the field that is to blame, all others above the form."""
    assert form_errors(CannotConnect(), AT_ADDRESS) == {"url": "cannot_connect"}
    assert form_errors(UnsupportedVersion(), AT_ADDRESS) == {"url": "unsupported_version"}
    assert form_errors(InvalidAuth(), AT_ADDRESS) == {"base": "invalid_auth"}


def test_what_answers_for_an_account() -> None:
    """An answer that is none is another server's where one is known; a redirect and an outage stay what they are."""
    assert account_errors(BadResponse(), AT_ADDRESS) == {"url": "wrong_server"}
    assert account_errors(BadResponse(), {}) == {"base": "wrong_server"}
    assert account_errors(WrongKind(ServerType.EMBY), AT_ADDRESS) == {"url": "wrong_server"}
    assert account_errors(UnexpectedStatusError(500), AT_ADDRESS) == {"url": "server_error"}
    assert account_errors(Redirected("/web"), AT_ADDRESS) == {"url": "redirected"}
    assert account_errors(CannotConnect(), AT_ADDRESS) == {"url": "cannot_connect"}


def test_codes_expire() -> None:
    """A code that the server does not know any more has expired."""
    assert code_errors(NotFound()) == {"base": "code_expired"}
    assert code_errors(PlexTvUnknown()) == {"base": "code_expired"}
    assert code_errors(CannotConnect()) == {"base": "cannot_connect"}
