"""Ask a real server, or all simulated ones, every fact: `scripts/contract --help`."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
import sys

import aiohttp

from .asking import ask_all
from .client import Client
from .every_fact import FACTS
from .fact import Differs, Need
from .lab import Lab, Wait, opened
from .media import MediaFolder
from .mediabrowser.lab import MediaBrowserLab
from .mediabrowser.set_up import set_up
from .plex.lab import PLEX_TV, PlexLab
from .report import Report
from .servers import Kind

ABOUT = """\
Ask a media server whether it does what Resume Sync relies on: each fact is printed as SAME or as DIFFERS with what
was seen. Give an administrator and a media folder, and the program makes its own users, libraries and titles, and takes
them away again; otherwise it plays with films that the user never touched, and marks them unwatched afterwards. Facts
that need what was not given are NOT ASKED."""

AFTERWARDS = """\
examples:
  scripts/contract --jellyfin http://127.0.0.1:8096 --user admin --password secret --media ./media:/media
  scripts/contract --emby http://127.0.0.1:8096/emby --user anna --password secret --patience
  scripts/contract --plex http://127.0.0.1:32400 --token TOKEN
  scripts/contract --simulated

status: 0 all the same, 1 something differs, 2 the server could not be asked."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the program where it makes no sense."""
    parser = argparse.ArgumentParser(
        "scripts/contract", description=ABOUT, epilog=AFTERWARDS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--jellyfin", metavar="URL", help="ask a Jellyfin, 10.9 or later")
    which.add_argument("--emby", metavar="URL", help="ask an Emby, 4.8 or later")
    which.add_argument("--plex", metavar="URL", help="ask a Plex Media Server")
    which.add_argument("--simulated", action="store_true", help="ask every simulated server and version, everything")
    parser.add_argument("--user", metavar="NAME", help="who to sign in as, on Jellyfin and Emby")
    parser.add_argument("--password", default="", help="their password")
    parser.add_argument("--token", help="the owner's token, on Plex; that of their account can be asked at plex.tv too")
    parser.add_argument("--other-token", metavar="TOKEN", default="", help="the token of another user, on Plex")
    parser.add_argument("--plex-tv", metavar="URL", default=PLEX_TV, help="where plex.tv is (%(default)s)")
    parser.add_argument(
        "--media",
        metavar="FOLDER",
        help="an empty folder to put titles into; HERE:THERE where the server sees it under another path",
    )
    parser.add_argument("--set-up", action="store_true", help="first make this user on a server that is new")
    parser.add_argument(
        "--patience", action="store_true", help="ask also what takes minutes: about a quarter of an hour"
    )
    parser.add_argument("--restart", action="store_true", help="ask also what needs the server to be restarted")
    parser.add_argument("--only", metavar="TEXT", default="", help="ask only facts with this in their name")
    parser.add_argument("--report", metavar="FILE", type=Path, help="write what differs to a file too, as Markdown")
    parser.add_argument("--list", action="store_true", help="print also where each fact is known from")
    options = parser.parse_args(given)
    if options.plex and not options.token:
        parser.error("--token is needed to ask a Plex Media Server")
    if not options.simulated and not options.plex and not options.user:
        parser.error("--user is needed to sign in")
    return options


def watching(http: aiohttp.ClientSession, address: str) -> Wait:
    """Return what lets time pass: that of the server, as its answers tell, which is what counts for it."""

    async def wait(seconds: float) -> None:
        """Let so much time pass."""
        if seconds <= 1:
            await asyncio.sleep(seconds)
            return
        clock = Client(http, address, {})
        end = (await clock.ask("GET", "")).time + seconds
        left = seconds
        while left > 0:
            await asyncio.sleep(min(left, 0.2))
            left = end - (await clock.ask("GET", "")).time

    return wait


@asynccontextmanager
async def real(options: argparse.Namespace, http: aiohttp.ClientSession) -> AsyncIterator[Lab]:
    """Open the server that the command line names."""
    if options.plex:
        plex = PlexLab(
            http,
            options.plex,
            token=options.token,
            member_token=options.other_token,
            plex_tv=options.plex_tv,
            wait=watching(http, options.plex),
        )
        async with opened(plex):
            yield plex
        return
    kind = Kind.JELLYFIN if options.jellyfin else Kind.EMBY
    url = options.jellyfin or options.emby
    if options.set_up:
        await set_up(http, kind, url, options.user, options.password)
    given = ((options.patience, Need.PATIENCE), (options.restart, Need.RESTART))
    lab = MediaBrowserLab(
        http,
        kind,
        url,
        user=options.user,
        password=options.password,
        media=MediaFolder.given(options.media) if options.media else None,
        wait=watching(http, f"{url.rstrip('/')}/System/Info/Public"),
        offers=frozenset(need for was_given, need in given if was_given),
    )
    async with opened(lab):
        yield lab


async def ask_one(options: argparse.Namespace, lab: Lab, report: Report) -> None:
    """Ask one server everything."""
    facts = [fact for fact in FACTS if options.only.casefold() in fact.name.casefold()]
    async for result in ask_all(facts, lab):
        report.add(lab.server, result)


async def run(options: argparse.Namespace) -> int:
    """Ask, and return the status to end with."""
    report = Report(sources=options.list)
    try:
        if options.simulated:
            # Nobody who asks a real server needs the simulators.
            from .simulated import SIMULATED  # noqa: PLC0415

            for opening in SIMULATED.values():
                async with opening() as lab:
                    await ask_one(options, lab, report)
        else:
            async with aiohttp.ClientSession() as http, real(options, http) as lab:
                await ask_one(options, lab, report)
    except (Differs, aiohttp.ClientError, OSError, LookupError, ValueError) as error:
        print(f"The server could not be asked: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    report.end()
    if options.report:
        options.report.write_text(report.markdown(), encoding="utf-8")
    return report.status


if __name__ == "__main__":
    sys.exit(asyncio.run(run(arguments(sys.argv[1:]))))
