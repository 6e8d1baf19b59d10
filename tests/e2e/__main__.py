"""Click through Resume Sync: `python -m tests.e2e --chromium PATH --axe PATH [--node PATH] [--pictures FOLDER]`."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
import sys

from playwright.async_api import async_playwright, expect

from tests.households.with_home_assistant import home_assistant
from tests.simulators.discovery import listening
from tests.waiting import PATIENCE_SECONDS

from . import changing, ending, looking, setting_up, using
from .accessibility import check_accessibility
from .browser import Chromium, Visitor
from .checks import Checks
from .household import Household
from .modules import test_modules
from .pictures import take_pictures
from .scene import Scene

FAILURES = Path(__file__).parents[2] / ".cache" / "e2e"

type Check = Callable[[Scene], Awaitable[None]]

STORY: tuple[Check, ...] = (
    setting_up.add_accounts_and_pair,
    setting_up.make_dashboard,
    setting_up.link_plex,
    looking.look_at_views,
    looking.look_at_posters,
    looking.look_at_hostile_title,
    using.stop_on_a_server,
    using.sync_now,
    using.switch_with_keyboard,
    using.ask_why,
    setting_up.edit_card,
    looking.look_at_missing_pair,
    looking.look_on_a_phone,
    looking.look_as_a_guest,
    looking.look_without_motion,
    looking.look_in_other_languages,
    changing.mistype,
    changing.sign_in_again,
    changing.move_account,
    changing.change_pair,
    changing.follow_server,
    ending.fix_unresolved,
)


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="scripts/e2e", description=sys.modules["tests.e2e"].__doc__)
    parser.add_argument("--chromium", required=True, help="the browser")
    parser.add_argument("--axe", type=Path, required=True, help="axe-core's axe.min.js")
    parser.add_argument("--node", help="Node.js, to test the modules without a browser")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep pictures of the dashboard and the card")
    return parser.parse_args()


async def run(asked: argparse.Namespace, checks: Checks) -> None:
    """Make all checks."""
    if asked.node:
        await checks.check("The modules do without a browser what needs none.", partial(test_modules, asked.node))
    servers = Household()
    async with (
        listening(servers.announce) as ((host, port), _),
        home_assistant(servers, discovery=f"emby={host}:{port}") as (home, client),
        async_playwright() as playwright,
    ):
        print(f"Home Assistant {await client.until_running()} runs at {home.url}", flush=True)
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(
            executable_path=asked.chromium, args=options, timeout=PATIENCE_SECONDS * 1000
        )
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        chromium = Chromium(browser, home.url, client.token)
        scene = Scene(servers, home, client, chromium, await chromium.window(Visitor()))
        checks.window = scene.window
        await tell(scene, checks, asked)
        await browser.close()


async def tell(scene: Scene, checks: Checks, asked: argparse.Namespace) -> None:
    """Tell the story; the removal comes last, also after something has failed."""
    for step in STORY:
        await checks.check(str(step.__doc__), partial(step, scene))
    check = partial(check_accessibility, scene, asked.axe)
    await checks.check(str(check_accessibility.__doc__), check)
    if asked.pictures is not None and not checks.failed:
        await take_pictures(scene, asked.pictures)
    await checks.check(str(ending.remove_everything.__doc__), partial(ending.remove_everything, scene))

    async def nobody_complained() -> None:
        logged = [line for line in scene.home.complaints() if not any(each in line for each in scene.expected)]
        complaints = [*scene.chromium.complaints, *logged]
        assert not complaints, "\n".join(complaints)

    await checks.check("Neither the browser nor Home Assistant complained.", nobody_complained)


def main() -> int:
    """Run; return the exit status."""
    checks = Checks(FAILURES)
    asyncio.run(run(arguments(), checks))
    print(checks.summary(), flush=True)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
