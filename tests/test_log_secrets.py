"""The search for secrets in logs finds a token that is logged on purpose, however it gets there."""

from collections.abc import Iterator
import logging

import pytest

from tests.log_secrets import WATCHED, leaked, no_secrets_logged, watched_logs
from tests.simulators.handed_out import SECRETS, secret
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.accounts import plex_account


@pytest.fixture
def token() -> Iterator[str]:
    """A token of a simulated server; afterwards it is no secret any more, for these tests log it on purpose."""
    server = SimulatedJellyfin(name="Attic")
    server.add_user("Anna", "correct horse battery")
    yield server.add_token("Anna")
    SECRETS.clear()


def refuse(token: str) -> None:
    """Raise an error whose message holds a token."""
    raise ValueError(f"No: x{token}x")


@pytest.mark.parametrize("name", [*WATCHED, "custom_components.resume_sync.servers.http", "urllib3.connectionpool"])
def test_a_logged_token_is_found(token: str, name: str) -> None:
    """At debug level, in an address, in an argument, in the message of an error."""
    logger = logging.getLogger(name)
    with watched_logs() as log:
        logger.debug("GET /Items?api_key=%s&limit=1", token)
    assert leaked(SECRETS, log.lines) == [token]

    with watched_logs() as log:
        try:
            refuse(token)
        except ValueError:
            logger.exception("It failed")
    assert leaked(SECRETS, log.lines) == [token]


def test_logged_passwords_and_pins_are_found(token: str) -> None:
    """Long ones and short ones."""
    plex_account("Anna", pin="7391")
    assert leaked(SECRETS, ["signing in with correct horse battery"]) == ["correct horse battery"]
    assert leaked(SECRETS, ["POST /switch?pin=7391"]) == ["7391"]
    assert leaked(SECRETS, ["took 73914 ms", "nothing to see"]) == []


def test_a_token_is_found_among_very_many(token: str) -> None:
    """Where searching for each would take too long."""
    many = {f"token-{number}" for number in range(1000)} | {token}
    assert leaked(many, [f"token={token}"]) == [token]


def test_the_check_of_every_test_fails(token: str) -> None:
    """Of a test that logs a token, although nothing else is wrong with it; without telling the token again."""
    logger = logging.getLogger("custom_components.resume_sync.servers.http")
    with (
        pytest.raises(pytest.fail.Exception, match=r"Secrets were logged by custom_components\.\S+http$"),
        no_secrets_logged(),
    ):
        logger.debug("Token %s", secret("0123456789abcdef"))
    with no_secrets_logged():
        secret("0123456789abcdef")
        logger.debug("Token %s", token)


def test_every_test_is_checked(request: pytest.FixtureRequest) -> None:
    """Without asking for it."""
    assert "_no_secrets_in_logs" in request.fixturenames
