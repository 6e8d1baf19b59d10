"""Run the demonstration: `python -m tests.demo [--once] [--port PORT]`."""

import argparse
import asyncio
from collections.abc import Coroutine
import signal
import sys

from tests.households.home_assistant import HomeAssistantFailed, free_port, is_free
from tests.households.rest_client import UnexpectedAnswer

from .story import run

INTERRUPTED = 130


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=sys.modules["tests.demo"].__doc__)
    parser.add_argument("--once", action="store_true", help="end after the report; status 0 only if all servers agree")
    parser.add_argument("--port", type=int, help="where Home Assistant listens (default: 8123; with --once any)")
    return parser.parse_args()


async def until_told_to_stop(story: Coroutine[None, None, int]) -> int:
    """Tell the story; signals to stop end it tidily, so that Home Assistant does not stay behind."""
    task = asyncio.create_task(story)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def main() -> int:
    """Run; return the exit status."""
    asked = arguments()
    port = asked.port or (free_port() if asked.once else 8123)
    if not is_free(port):
        sys.stderr.write(f"Something listens on port {port} already: choose another one with --port.\n")
        return 2
    try:
        return asyncio.run(until_told_to_stop(run(port, stay=not asked.once)))
    except (HomeAssistantFailed, UnexpectedAnswer, TimeoutError) as error:
        sys.stderr.write(f"The demonstration failed: {error or type(error).__name__}\n")
        return 1
    except asyncio.CancelledError:
        return INTERRUPTED if asked.once else 0


if __name__ == "__main__":
    sys.exit(main())
