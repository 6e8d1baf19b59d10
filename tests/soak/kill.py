"""A real Home Assistant that is killed in the middle of its runs, again and again, while people go on watching."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
import json
from pathlib import Path
from random import Random
import time

import aiohttp

from custom_components.resume_sync.account.store import PairState
from custom_components.resume_sync.sync.journal.edit import NOISE_MS
from custom_components.resume_sync.sync.journal.journal import Journal
from tests.demo.media_servers import VIEWER, DemoServers
from tests.demo.scenes import MINUTE, Scene, write_scenes
from tests.households.adding import add_everything
from tests.households.home_assistant import HomeAssistant
from tests.households.rest_client import RestClient, UnexpectedAnswer
from tests.households.with_home_assistant import home_assistant
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

    def __init__(self, servers: DemoServers, scenes: Iterable[Scene], random: Random) -> None:
        """Take the titles that all servers have."""
        self._servers = servers
        self._random = random
        self._scenes = [scene for scene in scenes if not scene.apart]
        self._finished = 0
        self.expected = {scene.key: dict.fromkeys(servers, scene.expected_ms) for scene in self._scenes}

    def go_on(self) -> None:
        """Let a few titles be watched on some server, and finish one where that can be told to another server."""
        *moved, finished = self._random.sample(self._scenes, MOVED_PER_ROUND + 1)
        for scene in moved:
            position = int(scene.duration_ms * self._random.uniform(0.15, 0.75)) // 1000 * 1000
            if all(abs(position - other) > MINUTE for other in self.expected[scene.key].values()):
                self._servers.stop_at(self._random.choice(list(self._servers)), scene.key, position)
                self.expected[scene.key] = dict.fromkeys(self._servers, position)
        if self._finished < FINISHED_AT_MOST and self._random.random() < FINISHED_SHARE:
            self._finish(finished.key)

    def _finish(self, key: str) -> None:
        """Finish a title on Jellyfin or Emby for the first time; Plex has no way to clear a position.

        Nobody sits through it here: of a title that was watched before, that looks like one begun anew and left.
        """
        name = self._random.choice(("Jellyfin", "Emby"))
        server = self._servers[name]
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
    servers = DemoServers(world, scenes)
    async with home_assistant(servers) as (home, client):
        accounts = await add_everything(client, servers, remove="source")
        for _ in range(SETTLING_RUNS):
            await client.call("sync")
        await home.stop()
        for server in servers.values():
            server.faults.add("*", Latency(LATENCY_SECONDS), times=None)
        entries, evening = [account.entry_id for account in accounts], Evening(servers, scenes, Random(seed))
        lives = Lives(home, client, entries, servers, evening, Random(seed))
        for _ in range(kills):
            await lives.live_and_die()
        await lives.live()
        return lives.toll


@dataclass(slots=True)
class Lives:
    """The lives of one Home Assistant. `run_seconds`: how long a run took last."""

    home: HomeAssistant
    client: RestClient
    entries: list[str]
    servers: DemoServers
    evening: Evening
    random: Random
    toll: Toll = field(default_factory=Toll)
    run_seconds: float = 1.0

    async def live_and_die(self) -> None:
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
        _read_state_files(self.home.storage, self.toll)

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
        for server in self.servers.values():
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


def _read_state_files(storage: Path, toll: Toll) -> None:
    """Read what the dead process left on the disk."""
    for path in sorted(storage.glob("resume_sync.*")):
        toll.files += 1
        try:
            data = json.loads(path.read_bytes())["data"]
            Journal.from_dict(data["journal"])
            for pair in data["pairs"].values():
                PairState.from_dict(pair)
        except (KeyError, TypeError, ValueError) as error:
            toll.unreadable.append(f"after {toll.kills} kills: {path.name}: {error!r}")
