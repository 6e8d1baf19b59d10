"""Waiting for the approval of a code."""

from dataclasses import dataclass, field

import aiohttp
import pytest

from custom_components.resume_sync.flows.sign_in_approval import TOLERATED_FAILURES, wait_for_approval
from custom_components.resume_sync.servers.plex.plex_tv import PlexTv as PlexTvClient
from custom_components.resume_sync.sync.media_server import CannotConnect, MediaServerError, NotFound, ServerBusy
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.answers import RATE_LIMITED
from tests.simulators.plex_tv.server import PlexTv

type Answer = str | MediaServerError | None

AWAY = CannotConnect("away")
BUSY = ServerBusy("busy")


@dataclass
class Asked:
    """A check that answers as told, one after the other, and the pauses between its answers."""

    answers: list[Answer]
    pauses: list[float] = field(default_factory=list)

    async def check(self) -> str | None:
        """Give the next answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, MediaServerError):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        """Note a pause instead of making it."""
        self.pauses.append(seconds)

    async def wait(self) -> str:
        """Wait for the approval."""
        return await wait_for_approval(self.check, good_for_seconds=60, sleep=self.sleep)


async def test_asks_every_second_until_approved() -> None:
    """There is an answer at last."""
    asked = Asked([None, None, "token"])

    assert await asked.wait() == "token"
    assert asked.pauses == [1, 1]


async def test_slows_down_when_asked_to() -> None:
    """Longer each time, however often, as long as the server says nothing better; then as before."""
    asked = Asked([BUSY, BUSY, BUSY, BUSY, None, BUSY, "token"])

    assert await asked.wait() == "token"
    assert asked.pauses == [2, 4, 8, 16, 1, 2]


async def test_waits_as_long_as_the_server_wants() -> None:
    """A server that says how long is asked when it wants to be, and less often after that."""
    asked = Asked([ServerBusy("busy", 20), ServerBusy("busy", 0), "token"])

    assert await asked.wait() == "token"
    assert asked.pauses == [20, 30]


async def test_a_code_that_is_not_good_any_more_is_not_waited_for() -> None:
    """Pauses do not reach beyond its life."""
    asked = Asked([BUSY] * 10)

    with pytest.raises(ServerBusy):
        await asked.wait()
    assert asked.pauses == [2, 4, 8, 16, 30]


async def test_outage() -> None:
    """Some failures in a row are tolerated, one more is not."""
    asked = Asked([AWAY] * 10)

    with pytest.raises(CannotConnect):
        await asked.wait()
    assert len(asked.pauses) == TOLERATED_FAILURES


@pytest.mark.parametrize("between", [None, BUSY])
async def test_failures_that_are_not_in_a_row(between: Answer) -> None:
    """An answer in between starts the count anew, a request to slow down too."""
    asked = Asked([*[AWAY] * TOLERATED_FAILURES, between, *[AWAY] * TOLERATED_FAILURES, "token"])

    assert await asked.wait() == "token"


async def test_plex_tv_limits_the_rate(plex: PlexMediaServer, plex_tv: PlexTv) -> None:
    """A code that is entered meanwhile is taken all the same."""
    asked = Asked([])
    async with aiohttp.ClientSession() as session:
        client = PlexTvClient(session, client_id="ours", base_url=plex_tv.url)
        pin = await client.start_pin()
        plex_tv.faults.add("GET /api/v2/pins/{pin}", RATE_LIMITED, times=6)
        plex_tv.approve_pin(pin.code, "Olga")
        token = await wait_for_approval(lambda: client.check_pin(pin.pin_id), sleep=asked.sleep)
    assert plex_tv.account_tokens[token].name == "Olga"
    assert asked.pauses == [2, 4, 8, 16, 30, 30]


async def test_expired() -> None:
    """A code that is not known any more ends it at once."""
    asked = Asked([NotFound("expired")])

    with pytest.raises(NotFound):
        await asked.wait()
    assert asked.pauses == []
