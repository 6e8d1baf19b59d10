"""From what went wrong on a media server to what Home Assistant shows of it."""

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .const import DOMAIN
from .sync.media_server import (
    AnotherServer,
    BadResponse,
    CannotConnect,
    InvalidAuth,
    LibraryGone,
    MediaServerError,
    NotAllowed,
    NotSupported,
    ProxySignIn,
    ServerBusy,
)
from .sync.plan.decision import AccountError

_TRANSLATION_KEYS: tuple[tuple[type[MediaServerError], str], ...] = (
    (ProxySignIn, "proxy_sign_in"),
    (CannotConnect, "cannot_connect"),
    (InvalidAuth, "invalid_auth"),
    (NotAllowed, "not_allowed"),
    (ServerBusy, "server_busy"),
    (NotSupported, "not_supported"),
    (LibraryGone, "library_gone"),
    (AnotherServer, "another_server"),
    (BadResponse, "bad_response"),
)

_LONGEST_DELAY_SECONDS = 3600.0

PASSING_ERRORS = (CannotConnect, NotAllowed, ServerBusy)
"""What solves itself: a pair waits for its server instead of having failed."""


class RunFailed(UpdateFailed):
    """A run of a pair could not do its work. `waiting`: it only has to wait for one of its accounts."""

    def __init__(
        self,
        translation_key: str,
        placeholders: dict[str, str],
        *,
        waiting: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Keep the translated message, and what to do about it."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders=placeholders,
            retry_after=retry_after,
        )
        self.waiting = waiting


def refused(translation_key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error of something that somebody asked for and that cannot be."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=translation_key, translation_placeholders=placeholders
    )


def cause_of(error: AccountError) -> MediaServerError:
    """Return the server's error behind the error of an account."""
    cause = error.__cause__
    return cause if isinstance(cause, MediaServerError) else MediaServerError(str(error))


def translation_key(error: MediaServerError) -> str:
    """Return the key of the message that tells a user what to do about an error."""
    return next((key for kind, key in _TRANSLATION_KEYS if isinstance(error, kind)), "request_failed")


def retry_after(error: MediaServerError) -> float | None:
    """Return for how many seconds a server asked to be left alone; None where it did not say."""
    if not isinstance(error, ServerBusy) or error.retry_after is None:
        return None
    return min(max(error.retry_after, 0.0), _LONGEST_DELAY_SECONDS)


def run_failed(error: MediaServerError, account: str) -> RunFailed:
    """Return the failure of a run that is due to an account's server."""
    return RunFailed(
        translation_key(error),
        {"account": account},
        waiting=isinstance(error, PASSING_ERRORS),
        retry_after=retry_after(error),
    )
