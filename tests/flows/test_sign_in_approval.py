"""Waiting for the approval of a code."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from custom_components.resume_sync.flows.sign_in_approval import TOLERATED_FAILURES, wait_for_approval
from custom_components.resume_sync.sync.media_server import CannotConnect, MediaServerError, NotFound, ServerBusy

type Answer = str | MediaServerError | None


def answers(*given: Answer) -> tuple[list[float], Callable[[], Awaitable[str | None]]]:
    """Return a check that answers like this, one after the other, and the times at which it was asked."""
    asked: list[float] = []

    async def check() -> str | None:
        answer = given[len(asked)]
        asked.append(asyncio.get_running_loop().time())
        if isinstance(answer, MediaServerError):
            raise answer
        return answer

    return asked, check


async def test_asks_until_approved() -> None:
    """It asks about once a second, until there is an answer."""
    asked, check = answers(None, None, "token")

    assert await wait_for_approval(check) == "token"
    assert all(later - earlier > 0.9 for earlier, later in pairwise(asked))


async def test_waits_as_long_as_the_server_wants() -> None:
    """A server that is busy is asked when it wants to be."""
    asked, check = answers(ServerBusy("busy", 0.5), ServerBusy("busy"), "token")

    assert await wait_for_approval(check, poll_seconds=0.01) == "token"
    assert asked[1] - asked[0] > 0.4
    assert asked[2] - asked[1] < 0.4


@pytest.mark.parametrize("failure", [CannotConnect("away"), ServerBusy("busy", 0)])
async def test_outage(failure: MediaServerError) -> None:
    """Some failures in a row are tolerated, one more is not."""
    asked, check = answers(*[failure] * (TOLERATED_FAILURES + 1))

    with pytest.raises(type(failure)):
        await wait_for_approval(check, poll_seconds=0.01)
    assert len(asked) == TOLERATED_FAILURES + 1


async def test_failures_that_are_not_in_a_row() -> None:
    """An answer in between starts the count anew."""
    away = CannotConnect("away")
    _, check = answers(*[away] * TOLERATED_FAILURES, None, away, "token")

    assert await wait_for_approval(check, poll_seconds=0.01) == "token"


async def test_expired() -> None:
    """A code that is not known any more ends it at once."""
    asked, check = answers(NotFound("expired"))

    with pytest.raises(NotFound):
        await wait_for_approval(check, poll_seconds=0.01)
    assert len(asked) == 1
