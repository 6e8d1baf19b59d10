"""Simulated servers with the same library and the same users, all in a process of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

from custom_components.resume_sync.sync.model import ServerType
from tests.households.doors import Door, door
from tests.households.media_servers import Server, new_server
from tests.simulators.clock import SimulatedClock
from tests.simulators.faults import Latency
from tests.simulators.library import Catalogue, catalogue
from tests.simulators.playback import Viewer
from tests.simulators.storm import storm_message

from .size import Size
from .stopwatch import Stopwatch

START = 1_790_000_000.0

type Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server was asked: requests by route, with messages by WebSocket, and bytes of bodies both ways."""

    requests: dict[str, int]
    size: int
    writes: int


class MediaServers:
    """One server of each kind. `titles` are the keys of what has ids, films and episodes in turn."""

    def __init__(self, size: Size, users: Sequence[str], start: float | None) -> None:
        """Fill the libraries; nobody has watched anything. `start` None: time passes by itself."""
        self.clock = SimulatedClock(start)
        world = catalogue(films=size.films, shows=size.shows, episodes_per_show=size.episodes, seed=7)
        self.servers: dict[str, Server] = {
            kind.value: new_server(kind, kind.value, self.clock, *users)
            for kind in (ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY)
        }
        for server in self.servers.values():
            server.fill(world)
            if size.latency_ms:
                server.faults.add("*", Latency(size.latency_ms / 1000), times=None)
        self.users = tuple(users)
        self.titles = titles(world)
        self._stopwatch = Stopwatch(self.servers)
        self._viewers: dict[Place, Viewer] = {}

    async def start(self) -> dict[Place, Door]:
        """Open the ports, and return the way into each account."""
        for server in self.servers.values():
            await server.start()
        return {(kind, user): door(server, user) for kind, server in self.servers.items() for user in self.users}

    async def stop(self) -> None:
        """Close the ports."""
        for server in self.servers.values():
            await server.stop()

    def reset(self) -> None:
        """Let nobody have watched anything, and set the clock back to the start."""
        self.clock.advance(START - self.clock.now())
        for server in self.servers.values():
            for user in self.users:
                for item_id in server.in_progress(user):
                    server.set_state(user, item_id, position_ms=0, last_played=START - 30 * 86_400)
            server.traffic.reset()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    def leave(self, places: Sequence[Place], first: int, count: int, minutes: float) -> None:
        """Leave some of the titles in progress, at the same position and time in each place, a second apart."""
        for number, key in enumerate(self.titles[first : first + count]):
            for kind, user in places:
                server = self.servers[kind]
                (item_id,) = server.items_of(key)
                position, date = int(minutes * 60_000) + number % 1000, self.clock.now() - count + number - 60
                server.set_state(user, item_id, position_ms=position, last_played=date)

    def play(self, place: Place, number: int) -> None:
        """Let a title be played, on the one screen of an account."""
        kind, user = place
        server = self.servers[kind]
        (item_id,) = server.items_of(self.titles[number])
        self._viewers[place] = server.viewer(user)
        self._viewers[place].play(item_id)

    def stop_at(self, place: Place, minutes: float) -> None:
        """Let what is played there be stopped, and take the time from now on."""
        position_ms = int(minutes * 60_000)
        self._viewers[place].progress(position_ms)
        self._stopwatch.start(place[1], position_ms)
        self._viewers[place].stop(position_ms)

    def arrivals(self) -> dict[str, float]:
        """Return how long after the last stop its position was on each server, in seconds."""
        return dict(self._stopwatch.arrivals)

    def storm(self, user: str, first: int, count: int) -> None:
        """Push many messages at once to everybody, each about another item that no server has."""
        for kind, server in self.servers.items():
            for number in range(first, first + count):
                server.push.push(storm_message(kind, server.users[user].user_id, number))

    def positions(self, kind: str, user: str) -> dict[str, int]:
        """Return what is in progress on an account, in milliseconds by title."""
        server = self.servers[kind]
        states = server.in_progress(user)
        return {server.holdings[item_id].key: state.position_ms for item_id, state in states.items()}

    def asked(self) -> dict[str, Asked]:
        """Return what each server was asked since the last call."""
        asked = {}
        for kind, server in self.servers.items():
            traffic, requests = server.traffic, server.traffic.table()
            if messages := len(server.push.heard):
                requests["message"] = messages
            if requests:
                asked[kind] = Asked(requests, traffic.bytes_sent + traffic.bytes_received, traffic.writes)
            traffic.reset()
            server.push.heard.clear()
        return asked


def titles(world: Catalogue) -> list[str]:
    """Return the keys of all titles that have ids, films and episodes in turn, the episodes from one show each."""
    films = [film.key for film in world.films if film.ids]
    shows = [show for show in world.shows if show.ids]
    longest = max((len(show.episodes) for show in shows), default=0)
    episodes = [
        show.episode_key(show.episodes[number].season, show.episodes[number].number)
        for number in range(longest)
        for show in shows
        if number < len(show.episodes)
    ]
    return [key for pair in zip(films, episodes, strict=False) for key in pair]
