"""The three simulated media servers of the demonstration: what they hold, and who watched what there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.library import Catalogue
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex_tv.server import PlexTv
from tests.simulators.port import running
from tests.simulators.server import SimulatedServer
from tests.simulators.state import WatchState

from .scenes import DAY, Left, Scene

VIEWER = "Anna"
OTHERS = ("Ben", "Clara")
PASSWORD = "correct horse"

type States = dict[tuple[str, str, str], WatchState]


class MediaServers:
    """Plex with plex.tv, Jellyfin and Emby, with the same three users and nearly the same library."""

    def __init__(self, catalogue: Catalogue, scenes: Sequence[Scene], seed: int = 5) -> None:
        """Fill the libraries and let the past happen."""
        self.clock = SimulatedClock()
        self.plex = PlexMediaServer(name="Attic", clock=self.clock)
        self.plex_tv = PlexTv(clock=self.clock)
        self.jellyfin = SimulatedJellyfin(name="Basement", clock=self.clock)
        self.emby = SimulatedEmby(name="Cabin", clock=self.clock)
        self.by_name: Mapping[str, SimulatedServer[Any]] = {
            "Plex": self.plex,
            "Jellyfin": self.jellyfin,
            "Emby": self.emby,
        }
        random = Random(seed)
        needed = {scene.key.partition("/")[0] for scene in scenes}
        for server in self.by_name.values():
            self._add_users(server)
            self._fill(server, catalogue, needed, random)
            self._watch_history(server, {scene.key for scene in scenes}, random)
        for scene in scenes:
            for name, left in scene.left.items():
                self._leave(name, scene, left)
        self.plex_tv.publish(self.plex)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Open all ports for as long as the context lasts."""
        return running(self.plex_tv, *self.by_name.values())

    def positions(self, key: str) -> dict[str, int | None]:
        """Return the viewer's position of a title on each server; None where the server does not have it."""
        return {name: self._position(server, key) for name, server in self.by_name.items()}

    def go_on(self, server_name: str, key: str, position_ms: int) -> None:
        """Let the viewer go on with a title on one server, and stop there at a position."""
        server = self.by_name[server_name]
        viewer = server.viewer(VIEWER)
        viewer.play(server.items_of(key)[0])
        viewer.progress(position_ms)
        viewer.stop(position_ms)

    def states(self) -> States:
        """Return every user's state of every film and episode, by server, user and item id."""
        return {
            (name, user, entry.item_id): server.watch_state(user, entry.item_id)
            for name, server in self.by_name.items()
            for user in server.users
            for entry in _playable(server)
        }

    def keys_in_progress(self) -> set[str]:
        """Return the keys of all titles that the viewer has in progress anywhere."""
        return {
            server.holdings[item_id].key for server in self.by_name.values() for item_id in server.in_progress(VIEWER)
        }

    def reset_traffic(self) -> None:
        """Start counting requests anew."""
        for server in self.by_name.values():
            server.traffic.reset()

    def requests(self) -> dict[str, dict[str, int]]:
        """Return how often each route of each server was asked."""
        return {name: server.traffic.table() for name, server in self.by_name.items()}

    def writes(self) -> dict[str, int]:
        """Return how many requests to each server changed a state."""
        return {name: server.traffic.writes for name, server in self.by_name.items()}

    def _position(self, server: SimulatedServer[Any], key: str) -> int | None:
        """Return the highest position of the items of a title."""
        items = server.items_of(key)
        return max(server.watch_state(VIEWER, item).position_ms for item in items) if items else None

    def _add_users(self, server: SimulatedServer[Any]) -> None:
        """Let the three users in."""
        if isinstance(server, PlexMediaServer):
            for name in (VIEWER, *OTHERS):
                server.add_user(name)
        elif isinstance(server, SimulatedJellyfin | SimulatedEmby):
            for name in (VIEWER, *OTHERS):
                server.add_user(name, PASSWORD, admin=name == VIEWER)

    @staticmethod
    def _fill(server: SimulatedServer[Any], catalogue: Catalogue, needed: set[str], random: Random) -> None:
        """Put the catalogue into the libraries, but for the odd title that this server lacks."""
        for film in catalogue.films:
            if film.key in needed or random.random() < 0.97:
                server.add_film(film)
        for show in catalogue.shows:
            server.add_show(show)

    def _watch_history(self, server: SimulatedServer[Any], untouched: set[str], random: Random) -> None:
        """Let everybody have seen a third of all there is; the others have something in progress, too."""
        for user in server.users:
            for entry in _playable(server):
                if user == VIEWER and entry.key in untouched:
                    continue
                last_played = self.clock.now() - random.uniform(30, 700) * DAY
                if random.random() < 0.3:
                    count = random.choice((1, 1, 1, 2, 3))
                    server.set_state(user, entry.item_id, watched=True, play_count=count, last_played=last_played)
                elif user != VIEWER and random.random() < 0.02:
                    position = int((entry.duration_ms or 0) * random.uniform(0.1, 0.8))
                    server.set_state(user, entry.item_id, position_ms=position, last_played=last_played)

    def _leave(self, name: str, scene: Scene, left: Left) -> None:
        """Leave a title where the scene says; Plex dates the stop, Jellyfin and Emby the start of playback."""
        played_ms = scene.duration_ms if left.finished else left.position_ms
        last_played = self.clock.now() - left.ago - (0 if name == "Plex" else played_ms / 1000)
        for item_id in self.by_name[name].items_of(scene.key):
            self.by_name[name].set_state(
                VIEWER,
                item_id,
                position_ms=left.position_ms,
                watched=left.finished,
                play_count=int(left.finished),
                last_played=last_played,
            )


def _playable(server: SimulatedServer[Any]) -> Iterator[Entry]:
    """Yield the films and episodes of a server."""
    return (entry for entry in server.holdings if entry.kind in (EntryKind.FILM, EntryKind.EPISODE))


def unasked_changes(before: States, after: States, scenes: Mapping[str, set[str]]) -> list[str]:
    """Return one line for everything that changed and was not the position of a title of the viewer's scenes.

    `scenes`: by server, the item ids of these titles.
    """
    found: list[str] = []
    for place, old in before.items():
        server, user, item_id = place
        new = after[place]
        may_move = user == VIEWER and item_id in scenes[server]
        if (old.watched, old.play_count, old.favorite) != (new.watched, new.play_count, new.favorite):
            found.append(f"{server}, {user}, item {item_id}: watched mark or play count changed")
        elif not may_move and (old.position_ms, old.last_played) != (new.position_ms, new.last_played):
            found.append(f"{server}, {user}, item {item_id}: position or date changed")
    return found
