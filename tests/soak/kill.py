"""A real Home Assistant that is killed in the middle of its runs, again and again, while people go on watching."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
import json
from pathlib import Path
from random import Random
import tempfile
import time

import aiohttp

from custom_components.resume_sync.account.store import PairState
from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.journal.journal import Journal
from tests.demo.accounts import add_media_browser, add_pair, add_plex
from tests.demo.home_assistant import HomeAssistant, free_port
from tests.demo.media_servers import PASSWORD, VIEWER, MediaServers
from tests.demo.rest_client import RestClient, UnexpectedAnswer
from tests.demo.scenes import MINUTE, Scene, write_scenes
from tests.simulators.faults import Latency
from tests.simulators.library import catalogue

LATENCY_SECONDS = 0.03
SETTLING_RUNS = 3
"""A removal takes two runs, and one more shows that nothing is left to do."""
MOVED_PER_ROUND = 6
FINISHED_AT_MOST = 10
"""More removals within a day are held for approval."""
FINISHED_SHARE = 0.5


@dataclass(slots=True)
class Toll:
    """What the kills cost."""

    kills: int = 0
    during_a_run: int = 0
    files: int = 0
    unreadable: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrongly_cleared: list[str] = field(default_factory=list)
    apart: list[str] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    written_when_settled: int = 0

    @property
    def is_free(self) -> bool:
        """Whether nothing was lost at all."""
        bad = (self.unreadable, self.lost, self.wrongly_cleared, self.apart, self.failed_runs)
        return not any(bad) and not self.written_when_settled


class Evening:
    """People who watch on three servers, and where each title must stand afterwards."""

    def __init__(self, servers: MediaServers, scenes: Iterable[Scene], random: Random) -> None:
        """Take the titles that all servers have."""
        self._servers = servers
        self._random = random
        self._scenes = [scene for scene in scenes if not scene.apart]
        self._finished = 0
        self.expected = {scene.key: dict.fromkeys(servers.by_name, scene.expected_ms) for scene in self._scenes}

    def go_on(self) -> None:
        """Let a few titles be watched on some server, and finish one where that can be told to another server."""
        *moved, finished = self._random.sample(self._scenes, MOVED_PER_ROUND + 1)
        for scene in moved:
            position = int(scene.duration_ms * self._random.uniform(0.15, 0.75)) // 1000 * 1000
            if all(abs(position - other) > MINUTE for other in self.expected[scene.key].values()):
                self._servers.go_on(self._random.choice(list(self._servers.by_name)), scene.key, position)
                self.expected[scene.key] = dict.fromkeys(self._servers.by_name, position)
        if self._finished < FINISHED_AT_MOST and self._random.random() < FINISHED_SHARE:
            self._finish(finished.key)

    def _finish(self, key: str) -> None:
        """Finish a title on Jellyfin or Emby for the first time; Plex has no way to clear a position.

        Nobody sits through it here: of a title that was watched before, that looks like one begun anew and left.
        """
        name = self._random.choice(("Jellyfin", "Emby"))
        server = self._servers.by_name[name]
        item_id = server.items_of(key)[0]
        if self.expected[key][name] and not server.watch_state(VIEWER, item_id).watched:
            viewer = server.viewer(VIEWER)
            viewer.play(item_id)
            viewer.finish()
            self._finished += 1
            self.expected[key] |= {"Jellyfin": 0, "Emby": 0}

    def judge(self, toll: Toll) -> bool:
        """Compare every title on every server with where it was left last; return whether one is elsewhere."""
        all_right = True
        for key, expected in self.expected.items():
            found = self._servers.positions(key)
            wrong = [name for name, position in expected.items() if abs((found[name] or 0) - position) > NOISE_MS]
            left = max(expected.values())
            all_right = all_right and not wrong
            what = f"after {toll.kills} kills: {key}: {found}, expected {expected}"
            if left and all(abs((position or 0) - left) > NOISE_MS for position in found.values()):
                toll.lost.append(what)
            elif any(expected[name] and not found[name] for name in wrong):
                toll.wrongly_cleared.append(what)
            elif wrong:
                toll.apart.append(what)
        return not all_right


async def kill_again_and_again(kills: int, seed: int) -> Toll:
    """Set everything up, then kill Home Assistant so many times, and return what that cost."""
    world = catalogue(films=120, shows=24)
    scenes = write_scenes(world)
    servers = MediaServers(world, scenes)
    async with servers.running():
        with tempfile.TemporaryDirectory(prefix="resume-sync-kill-") as folder:
            environment = {"RESUME_SYNC_PLEX_TV": servers.plex_tv.url, "RESUME_SYNC_DISCOVERY": ""}
            home = HomeAssistant(Path(folder), free_port(), environment)
            async with home, aiohttp.ClientSession() as session:
                client = RestClient(session, home.url)
                entries = await _set_up(client, servers)
                await home.stop()
                for server in servers.by_name.values():
                    server.faults.add("*", Latency(LATENCY_SECONDS), times=None)
                lives = Lives(home, client, entries, servers, Evening(servers, scenes, Random(seed)), Random(seed))
                for _ in range(kills):
                    await lives.live_and_die(Path(folder))
                await lives.live()
                return lives.toll


async def _set_up(client: RestClient, servers: MediaServers) -> list[str]:
    """Add three accounts and three pairs that clear what was finished, and let them sync; return the accounts' ids."""
    await client.create_user(VIEWER, "demo", PASSWORD)
    await client.until_running()
    plex = await add_plex(client, VIEWER, lambda code: servers.plex_tv.approve_pin(code, VIEWER))
    jellyfin = await add_media_browser(client, "jellyfin", servers.jellyfin.url, VIEWER, PASSWORD)
    await add_pair(client, jellyfin, plex, jellyfin.next_flow_id, remove="source")
    emby = await add_media_browser(client, "emby", servers.emby.url, VIEWER, PASSWORD)
    await add_pair(client, emby, plex, emby.next_flow_id, remove="source")
    await add_pair(client, emby, jellyfin, remove="source")
    for _ in range(SETTLING_RUNS):
        await client.call("sync")
    return [plex.entry_id, jellyfin.entry_id, emby.entry_id]


@dataclass(slots=True)
class Lives:
    """The lives of one Home Assistant. `run_seconds`: how long a run took last."""

    home: HomeAssistant
    client: RestClient
    entries: list[str]
    servers: MediaServers
    evening: Evening
    random: Random
    toll: Toll = field(default_factory=Toll)
    run_seconds: float = 1.0

    async def live_and_die(self, folder: Path) -> None:
        """Come to rest after the last death, let people watch, and die in the middle of the next run."""
        await self.live()
        self.evening.go_on()
        run = asyncio.create_task(self.client.call("sync"))
        await asyncio.sleep(self.random.uniform(0, self.run_seconds))
        self.toll.during_a_run += not run.done()
        await self.home.kill()
        self.toll.kills += 1
        with suppress(aiohttp.ClientError, UnexpectedAnswer):
            await run
        _read_state_files(folder, self.toll)

    async def live(self) -> None:
        """Start, let everything settle, and compare every title with where it was left last."""
        await self.home.start()
        await self.client.until_running()
        for entry_id in self.entries:
            await self.client.until_loaded(entry_id)
        started = time.monotonic()
        await self._sync()
        if self.toll.kills:
            self.run_seconds = time.monotonic() - started
        for _ in range(SETTLING_RUNS - 1):
            await self._sync()
        for server in self.servers.by_name.values():
            server.traffic.reset()
        await self._sync()
        self.toll.written_when_settled += sum(self.servers.writes().values())
        if self.evening.judge(self.toll):
            self.toll.reasons += await self._reasons()

    async def _reasons(self) -> list[str]:
        """Return what a preview says of every title that is not the same on both sides of a pair."""
        response = await self.client.call("preview")
        return [
            f"after {self.toll.kills} kills: {pair['name']}: {item['title']}: {item['action']}, {item['reason']}, "
            f"from {item['from_position']} s to {item['to_position']} s"
            for pair in response["pairs"]
            for item in pair["items"]
            if item["reason"] != "in_sync"
        ]

    async def _sync(self) -> None:
        """Let all pairs run; with all servers well, every one of them must come to its report."""
        response = await self.client.call("sync")
        self.toll.failed_runs += [f"{pair['name']}: {pair['error']}" for pair in response["pairs"] if pair["error"]]


def _read_state_files(folder: Path, toll: Toll) -> None:
    """Read what the dead process left on the disk."""
    for path in sorted((folder / ".storage").glob("resume_sync.*")):
        toll.files += 1
        try:
            data = json.loads(path.read_bytes())["data"]
            Journal.from_dict(data["journal"])
            for pair in data["pairs"].values():
                PairState.from_dict(pair)
        except (KeyError, TypeError, ValueError) as error:
            toll.unreadable.append(f"after {toll.kills} kills: {path.name}: {error!r}")
