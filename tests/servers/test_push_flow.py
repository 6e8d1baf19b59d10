"""How much a server may push."""

import pytest

from custom_components.resume_sync.servers.limits import MIB
from custom_components.resume_sync.servers.push_flow import PushFlow
from custom_components.resume_sync.sync.media_server import PushedTooMuch


class Flow:
    """A connection on a clock of its own."""

    def __init__(self) -> None:
        """Begin."""
        self.time = 0.0
        self._flow = PushFlow(lambda: self.time)

    def comes(self, messages: int, size: int, seconds: float, times: int = 1) -> None:
        """Let messages of a size come, evenly over some seconds, several times."""
        for _ in range(messages * times):
            self.time += seconds / messages
            self._flow.came(size)


@pytest.mark.parametrize(("messages", "size"), [(1000, 100), (900, 0), (1, MIB), (10, MIB // 10)])
def test_what_is_taken_for_ever(messages: int, size: int) -> None:
    """A thousand messages, and a mebibyte, in each second."""
    flow = Flow()
    flow.comes(messages, size, 1, times=600)


@pytest.mark.parametrize(("messages", "size"), [(2000, 100), (2, MIB), (20, MIB // 10)])
def test_what_is_not_taken_for_long(messages: int, size: int) -> None:
    """Twice as much, by number or by size: for ten seconds."""
    flow = Flow()
    with pytest.raises(PushedTooMuch):
        flow.comes(messages, size, 1, times=12)
    assert 9 <= flow.time <= 11


@pytest.mark.parametrize(("messages", "size"), [(10_000, 0), (1, 10 * MIB), (5000, 1000)])
def test_bursts_are_taken_now_and_then(messages: int, size: int) -> None:
    """As much as ten seconds may bring, and again ten seconds later, not before."""
    flow = Flow()
    for _ in range(5):
        flow.comes(messages, size, 0)
        flow.time += 10
    flow.comes(messages, size, 0)
    with pytest.raises(PushedTooMuch):
        flow.comes(messages, size, 0, times=3)
