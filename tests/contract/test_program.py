"""The program that asks real servers: it runs with nothing but aiohttp, and leaves a server as it was."""

import asyncio
from collections.abc import Callable
from importlib.metadata import Distribution, packages_distributions, requires
from pathlib import Path
import re
import sys

import pytest

from tests.repository.import_graph import read_modules, within
from tests.simulators.clock import SimulatedClock
from tests.simulators.faults import IgnoredWrite
from tests.simulators.library import catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import running
from tests.simulators.small_world import HARBOUR
from tests.simulators.state import WatchState

from .every_fact import FACTS
from .servers import Kind, Server

ROOT = Path(__file__).parents[2]
COUNTS = re.compile(r"^(.+): (\d+) same, (\d+) differs, (\d+) not asked$", re.MULTILINE)


async def contract(*arguments: str) -> tuple[int, str]:
    """Run the program; return its status and what it said."""
    process = await asyncio.create_subprocess_exec(
        ROOT / "scripts" / "contract", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def jellyfin() -> SimulatedJellyfin:
    """Return a server with an administrator, whose time passes as it does for the program."""
    server = SimulatedJellyfin(clock=SimulatedClock())
    server.add_user("admin", "secret", admin=True)
    return server


def emby() -> SimulatedEmby:
    """Return a server with an administrator."""
    server = SimulatedEmby(clock=SimulatedClock())
    server.add_user("admin", "secret", admin=True)
    return server


def test_nothing_of_it_needs_more_than_aiohttp() -> None:
    """Facts, labs and the program import the standard library, aiohttp and each other; the simulators a little more."""
    for module in read_modules(ROOT, "tests/contract"):
        if module.path.name.startswith("test_"):
            continue
        for name in module.imports:
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or within(name, "aiohttp", "tests.contract", "tests.simulators"), name
            simulated = within(name, "tests.simulators")
            assert not simulated or module.name == "tests.contract.simulated", f"{module.name} imports {name}"


def other_packages_than(*names: str) -> list[str]:
    """Return what can be imported of all installed packages but these and what they need."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) not in needed:
            needed.add(name)
            parts = (re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in requires(name) or () if "extra ==" not in one)
            waiting += [part for part in parts if any(True for _ in Distribution.discover(name=part))]
    return [top for top, owners in packages_distributions().items() if not needed.issuperset(map(str.lower, owners))]


async def test_simulated_servers_need_no_more_than_aiohttp() -> None:
    """They are asked from a checkout in which nothing was installed for the tests."""
    blocked = [top for top in other_packages_than("aiohttp") if top not in ("tests", "custom_components")]
    assert "cryptography" in blocked
    without = f"import runpy, sys; sys.modules.update(dict.fromkeys({blocked!r}))"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", f"{without}; runpy.run_module('tests.contract', run_name='__main__')"),
        *("--simulated", "--only", "version"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    counts = COUNTS.findall(said.decode())
    assert process.returncode == 0, said.decode()
    assert len(counts) == 8


@pytest.mark.parametrize("make", [jellyfin, emby])
async def test_with_an_administrator_and_a_media_folder(
    socket_enabled: None, tmp_path: Path, make: Callable[[], MediaBrowserServer]
) -> None:
    """All but what needs patience; afterwards there is one user and no library, and the folder is empty."""
    server = make()
    flag = "--jellyfin" if isinstance(server, SimulatedJellyfin) else "--emby"
    async with running(server):
        status, said = await contract(
            flag, server.url, "--user", "admin", "--password", "secret", "--media", str(tmp_path)
        )
    counts = COUNTS.findall(said)
    assert status == 0, said
    assert len(counts) == 1
    kind = Kind.JELLYFIN if isinstance(server, SimulatedJellyfin) else Kind.EMBY
    about = [fact for fact in FACTS if fact.is_about(Server.told(kind, server.version))]
    assert int(counts[0][1]) + int(counts[0][3]) == len(about)
    assert "needs a media folder" not in said
    assert list(server.users) == ["admin"]
    assert not server.libraries
    assert list(tmp_path.iterdir()) == []


async def test_with_a_plain_user(socket_enabled: None) -> None:
    """Played is with a film that they never touched, and that is untouched again afterwards."""
    server = jellyfin()
    server.add_user("anna", "hers")
    item_id = server.add_film(HARBOUR)
    async with running(server):
        status, said = await contract("--jellyfin", server.url, "--user", "anna", "--password", "hers")
    assert status == 0, said
    assert "needs an administrator" in said
    assert server.watch_state("anna", item_id) == WatchState()


async def test_what_differs_is_told(socket_enabled: None, tmp_path: Path) -> None:
    """With what was seen and where the fact is known from, on the screen and in a report."""
    server, report = jellyfin(), tmp_path / "report.md"
    server.add_film(HARBOUR)
    server.faults.add("DELETE /UserPlayedItems/{item}", IgnoredWrite(), times=None)
    given = ("--user", "admin", "--password", "secret", "--only", "as unwatched", "--report", str(report))
    async with running(server):
        status, said = await contract("--jellyfin", server.url, *given)
    assert status == 1, said
    assert "DIFFERS    Jellyfin 10.11.11  Marking as unwatched" in said
    assert "seen: position: " in said
    assert "from: v10.11.11 BaseItem.cs" in said
    assert "**Marking as unwatched" in report.read_text(encoding="utf-8")


async def test_a_plex_server(socket_enabled: None) -> None:
    """The owner's token is enough; what needs another user or plex.tv is not asked without."""
    server = PlexMediaServer(clock=SimulatedClock())
    server.add_user("olivia")
    server.add_user("Kim", restricted=True)
    server.fill(catalogue(films=3, shows=1, episodes_per_show=2))
    given = ("--only", "told the accounts")
    async with running(server, plex_tv := PlexTv(server, clock=server.clock)):
        address = ("--plex", server.url, "--plex-tv", plex_tv.url)
        status, said = await contract(*address, "--token", server.token("olivia"), *given)
        assert (status, COUNTS.findall(said)[0][1:]) == (0, ("1", "0", "1")), said
        assert "needs the token of another user" in said
        both = ("--token", plex_tv.account_token("olivia"), "--other-token", server.token("Kim"))
        status, said = await contract(*address, *both, *given)
        assert (status, COUNTS.findall(said)[0][1:]) == (0, ("2", "0", "0")), said
        status, said = await contract(*address, *both, "--only", "account's token")
        assert (status, COUNTS.findall(said)[0][1:]) == (0, ("1", "0", "0")), said
        server.owner_routes.refusal = 404
        status, said = await contract(*address, *both, "--only", "may read sessions")
        assert status == 1
        assert "from: PMS API 1.1.1 GET /status/sessions" in said
    assert server.in_progress("olivia") == {}
    status, said = await contract("--plex", "http://127.0.0.1:1")
    assert status == 2
    assert "--token is needed" in said


async def test_a_server_that_cannot_be_asked(socket_enabled: None) -> None:
    """Is neither the same nor different."""
    async with running(server := jellyfin()):
        status, said = await contract("--jellyfin", server.url, "--user", "admin", "--password", "wrong")
    assert status == 2
    assert "sign-in of admin: status 401" in said


async def test_a_server_that_is_new(socket_enabled: None) -> None:
    """Gets its administrator first."""
    server = SimulatedJellyfin(clock=SimulatedClock())
    server.set_up = False
    given = ("--user", "root", "--password", "secret", "--set-up", "--only", "as unwatched")
    async with running(server):
        status, said = await contract("--jellyfin", server.url, *given)
    assert (status, list(server.users)) == (0, ["root"]), said


async def test_help_tells_every_option() -> None:
    """And how the program ends."""
    status, said = await contract("--help")
    assert status == 0
    servers = ("--jellyfin", "--emby", "--plex", "--token", "--other-token", "--simulated")
    told = (*servers, "--user", "--password", "--media", "--patience", "--restart")
    assert [option for option in told if f"  {option}" not in said] == []
    assert "status: 0" in said
