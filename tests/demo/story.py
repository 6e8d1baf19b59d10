"""The demonstration from beginning to end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
import time

from tests.households.adding import add_everything
from tests.households.media_servers import PASSWORD
from tests.households.rest_client import Json, RestClient
from tests.households.with_home_assistant import USERNAME, home_assistant
from tests.simulators.library import Catalogue, catalogue
from tests.waiting import until

from .media_servers import VIEWER, DemoServers, unasked_changes
from .report import Positions, clock_time, disagreements, keys_by_row, merged, positions_table, reasons, traffic_table
from .scenes import MINUTE, SERVERS, Scene, write_scenes

# What is in progress, and nothing else: Plex lists films and episodes apart.
IDLE_REQUESTS = {"Plex": 2, "Jellyfin": 1, "Emby": 1}
EVENING_SECONDS = 45
EPISODE_STEP = 3 * MINUTE
FILMS = 560
SHOWS = 64


def say(text: str = "") -> None:
    """Print now, not when the buffer is full."""
    print(text, flush=True)


async def run(port: int, *, stay: bool) -> int:
    """Tell the whole story; return the exit status."""
    world = catalogue(films=FILMS, shows=SHOWS)
    scenes = write_scenes(world)
    servers = DemoServers(world, scenes)
    say("Starting Home Assistant ...")
    async with home_assistant(servers, port=port) as (home, client):
        say(f"Home Assistant {await client.until_running()} runs at {home.url}")
        say("\nAdding accounts and pairs, as the browser does:")
        await add_everything(client, servers, tell=lambda what: say(f"  {what}"))
        problems = await sync_and_tell(client, servers, world, scenes)
        for line in home.output():
            say(f"Home Assistant logged: {line}")
        problems += home.complaints()
        for line in problems:
            say(f"PROBLEM: {line}")
        if stay:
            say(f"\nOpen {home.url} and sign in as {USERNAME} with the password: {PASSWORD}")
            say(f"{VIEWER} goes on watching now and then; Home Assistant syncs every five minutes, or when")
            say('you press the button "Sync now" of a pair. Ctrl+C ends the demonstration.\n')
            await keep_watching(servers, scenes)
        return 1 if problems else 0


async def keep_watching(servers: DemoServers, scenes: Sequence[Scene]) -> None:
    """Let the viewer go on with something somewhere, again and again."""
    for number in count():
        await asyncio.sleep(EVENING_SECONDS)
        scene, server = scenes[number % len(scenes)], SERVERS[number % len(SERVERS)]
        position = servers.positions(scene.key)[server] or 0
        if server not in scene.apart and position + 2 * EPISODE_STEP < scene.duration_ms:
            servers.stop_at(server, scene.key, position + EPISODE_STEP)
            at = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
            say(f"{at}  {scene.title}: left at {clock_time(position + EPISODE_STEP)} on {server}")


class Story:
    """The syncs, one after the other, and what they must leave behind."""

    def __init__(self, client: RestClient, servers: DemoServers, world: Catalogue, scenes: Sequence[Scene]) -> None:
        """Note how everything is before the first sync."""
        self._client = client
        self._servers = servers
        self._scenes = scenes
        self._keys = keys_by_row(world)
        self._before = servers.states()
        self._items = {
            name: {item for scene in scenes for item in server.items_of(scene.key)} for name, server in servers.items()
        }
        self.problems: list[str] = []

    def positions(self) -> dict[str, dict[str, int | None]]:
        """Return where each scene's title stands on each server now."""
        return {scene.key: self._servers.positions(scene.key) for scene in self._scenes}

    async def sync(self) -> tuple[Json, float]:
        """Sync all pairs; return the response and how many seconds it took."""
        self._servers.reset_traffic()
        started = time.monotonic()
        response = await self._client.call("sync")
        self.problems += [f"{pair['name']}: {pair['error']}" for pair in response["pairs"] if pair["error"]]
        return response, time.monotonic() - started

    def say_requests(self) -> None:
        """Print the requests of the last sync."""
        for line in traffic_table(self._servers.requests(), self._servers.writes()):
            say(line)

    async def first_sync(self) -> None:
        """Bring all positions together, and tell of each title what became of it and why."""
        say("\nRequests so far, for signing in, for previews and for the indexes of the libraries:")
        self.say_requests()
        why = reasons(await self._client.call("preview"), self._keys, only_idle=True)
        before = self.positions()
        response, seconds = await self.sync()
        why = merged(why, reasons(response, self._keys))
        after = self.positions()
        say(f"\nFirst sync: {sum(pair['updated'] for pair in response['pairs'])} positions in {seconds:.1f} s\n")
        for line in positions_table(self._scenes, before, after, why):
            say(line)
        say("\nRequests of the first sync:")
        self.say_requests()
        await self.say_agreement(after)
        others = self._servers.keys_in_progress() - {scene.key for scene in self._scenes}
        self.problems += [f"{key} is in progress, but nobody watched it" for key in sorted(others)]

    async def say_agreement(self, after: Mapping[str, Positions]) -> None:
        """Print on how many titles all servers agree, and why they do not on the others."""
        problems = disagreements(self._scenes, after)
        apart = [scene for scene in self._scenes if scene.apart]
        agreed = len(self._scenes) - len(apart) - len(problems)
        say(f"\nAll three servers agree on {agreed} of {len(self._scenes)} titles. Rightly apart:")
        for scene in apart:
            say(f"  {scene.title}: {', '.join(f'{server} ({why})' for server, why in scene.apart.items())}")
        unresolved = reasons(await self._client.call("get_unresolved"), self._keys)
        for key, by_pair in unresolved.items():
            title = next(scene.title for scene in self._scenes if scene.key == key)
            say(f"Unmatched: {title}: {', '.join(f'{way}: {reason}' for reason, way in by_pair.values())}")
        if set(unresolved) != {scene.key for scene in self._scenes if scene.unmatched}:
            problems.append("other titles are unmatched than those without ids")
        self.problems += problems

    async def second_sync(self) -> None:
        """Sync again, which must write nothing, and ask for no more than what is in progress.

        It is not alone: half a second after the first sync's writes live updates look at sessions, and a round may be
        due. So it is repeated until nobody else asks meanwhile.
        """
        seconds, _ = await until(self._idle_sync, lambda done: not done[1], "a sync that asks for no more")
        say(f"\nSecond sync: {sum(self._servers.writes().values())} writes in {seconds:.1f} s. Its requests:")
        self.say_requests()

    async def _idle_sync(self) -> tuple[float, dict[str, dict[str, int]]]:
        """Sync with nothing left to do; return the seconds, and the requests to servers that were asked for more."""
        _, seconds = await self.sync()
        if writes := sum(self._servers.writes().values()):
            self.problems.append(f"the second sync wrote {writes} times")
        asked = self._servers.requests()
        more = {server: routes for server, routes in asked.items() if sum(routes.values()) > IDLE_REQUESTS[server]}
        return seconds, more

    def say_what_stayed(self) -> None:
        """Print whether watched marks, play counts and everybody else's states are what they were."""
        changes = unasked_changes(self._before, self._servers.states(), self._items)
        users = sum(len(server.users) for server in self._servers.values())
        say(
            f"\nCompared {len(self._before)} states of {users} users before and after: "
            f"{len(changes)} watched marks, play counts or other people's positions changed."
        )
        self.problems += changes

    async def one_more_evening(self) -> None:
        """Let the viewer go on with a film on another server, and sync once more."""
        scene = self._scenes[0]
        position = scene.expected_ms + 20 * MINUTE
        self._servers.stop_at("Jellyfin", scene.key, position)
        before = self.positions()[scene.key]
        response, seconds = await self.sync()
        after = self.positions()[scene.key]
        say(f"\n{VIEWER} goes on with {scene.title} on Jellyfin for 20 minutes. A third sync ({seconds:.1f} s):")
        for line in positions_table([scene], {scene.key: before}, {scene.key: after}, reasons(response, self._keys)):
            say(line)
        self.problems += disagreements([replace(scene, expected_ms=position)], {scene.key: after})


async def sync_and_tell(
    client: RestClient, servers: DemoServers, world: Catalogue, scenes: Sequence[Scene]
) -> list[str]:
    """Sync three times and print what happens; return what went wrong."""
    story = Story(client, servers, world, scenes)
    await story.first_sync()
    await story.second_sync()
    story.say_what_stayed()
    await story.one_more_evening()
    return story.problems
