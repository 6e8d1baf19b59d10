"""What every test shares."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
import logging
import os

from homeassistant import runner
from hypothesis import HealthCheck, settings
import pytest

# Imported before a Home Assistant starts: it must find this package, not the one that the test plugin brings.
import custom_components.resume_sync  # noqa: F401
from tests.home_time import home_time
from tests.log_secrets import no_secrets_logged
from tests.patient_loop import PatientLoop

# No test asks the network for servers.
os.environ["RESUME_SYNC_DISCOVERY"] = ""
# Tests of live updates switch them on; others move the clock by hours, which no connection survives.
os.environ["RESUME_SYNC_LIVE_UPDATES"] = "off"

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", patient)
settings.register_profile("ci", patient, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a test that fails show warnings only of what was logged; `caplog` and the search for secrets read it all.

    Home Assistant's test plugin has everything written to stderr as well.
    """
    session.config.pluginmanager.getplugin("logging-plugin").report_handler.setLevel(logging.WARNING)
    for handler in tuple(logging.root.handlers):
        if type(handler) is logging.StreamHandler:
            logging.root.removeHandler(handler)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let no test depend on the speed of the machine."""
    return {"patient": PatientLoop}


@pytest.fixture(autouse=True)
async def configure_event_loop(request: pytest.FixtureRequest) -> None:
    """Configure the loop as Home Assistant does its own, except that it keeps its own time unless that is frozen."""
    loop = asyncio.get_running_loop()
    runner.configure_event_loop(loop)
    if "freezer" not in request.fixturenames:
        del loop.time


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load the integration, in tests that have a Home Assistant."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _time_of_the_home(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests with a Home Assistant whose time passes begin in the middle of a round."""
    passes = "hass" in request.fixturenames and "freezer" not in request.fixturenames
    with home_time() if passes else nullcontext():
        yield


@pytest.fixture(autouse=True)
def _refusals_are_confirmed_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test with a Home Assistant wait before a server is asked again whether it refuses a token."""
    if "hass" in request.fixturenames:
        monkeypatch.setattr("custom_components.resume_sync.account.client.CONFIRM_SECONDS", 0)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Keep the slow debug mode of event loops to tests that have a Home Assistant."""
    asyncio.get_running_loop().set_debug("hass" in request.fixturenames)


@pytest.fixture(autouse=True)
def _no_secrets_in_logs() -> Iterator[None]:
    """Let every test fail that logs a secret of a simulated server, at any level."""
    with no_secrets_logged():
        yield
