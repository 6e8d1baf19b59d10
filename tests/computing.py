"""How much is computed, in lines of code that run: the same on every machine, however busy it is."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import sys
import threading
from types import CodeType
from unittest.mock import patch

from tests.patient_loop import PatientLoop

_TOOL = sys.monitoring.PROFILER_ID
_LINE = sys.monitoring.events.LINE


class Lines:
    """Lines that have run so far. `total`: in all threads; `here`: in the one that counts, which is the loop's."""

    def __init__(self) -> None:
        """Count from none on."""
        self.total = 0
        self.here = 0


@contextmanager
def lines_run(where: str = "") -> Iterator[Lines]:
    """Count the lines of the files with `where` in their paths, as long as this is open."""
    lines, thread = Lines(), threading.get_ident()

    def ran(code: CodeType, _number: int) -> object:
        """Count a line; others are never told again."""
        if where not in code.co_filename:
            return sys.monitoring.DISABLE
        lines.total += 1
        if threading.get_ident() == thread:
            lines.here += 1
        return None

    sys.monitoring.use_tool_id(_TOOL, "lines run")
    sys.monitoring.register_callback(_TOOL, _LINE, ran)
    sys.monitoring.set_events(_TOOL, _LINE)
    try:
        yield lines
    finally:
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.register_callback(_TOOL, _LINE, None)
        sys.monitoring.free_tool_id(_TOOL)
        # What was never to be told again is, to whoever counts next.
        sys.monitoring.restart_events()


def lines_of(compute: Callable[[], object], where: str = "") -> int:
    """Return how many lines something takes."""
    with lines_run(where) as lines:
        compute()
    return lines.total


class Step:
    """The longest turn of an event loop so far, in `lines` of the integration that ran without anybody else's turn."""

    def __init__(self) -> None:
        """Have seen none yet."""
        self.lines = 0


@contextmanager
def longest_step() -> Iterator[Step]:
    """Watch every turn of the running loop, as long as this is open."""
    loop, step = asyncio.get_running_loop(), Step()
    assert isinstance(loop, PatientLoop)
    with lines_run("custom_components/resume_sync") as lines:
        before = 0

        def turned() -> None:
            """Compare a turn that has ended with the longest."""
            nonlocal before
            step.lines, before = max(step.lines, lines.here - before), lines.here

        with patch.object(loop.waiting, "turned", turned):
            yield step
