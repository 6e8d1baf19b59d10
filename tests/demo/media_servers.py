"""The three simulated media servers of the demonstration: what they hold, and who watched what there."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from tests.households.media_servers import Server
from tests.households.with_home_assistant import ThreeServers
from tests.simulators.holdings import Entry, EntryKind
from tests.simulators.library import Catalogue
from tests.simulators.state import WatchState

from .scenes import DAY, Left, Scene

VIEWER = "Anna"
OTHERS = ("Ben", "Clara")

type States = dict[tuple[str, str, str], WatchState]


class DemoServers(ThreeServers):
    """The three servers, with three users and nearly the same library."""

    def __init__(self, catalogue: Catalogue, scenes: Sequence[Scene], seed: int = 5) -> None:
        """Fill the libraries and let the past happen."""
        super().__init__(VIEWER, *OTHERS)
        random = Random(seed)
        needed = {scene.key.partition("/")[0] for scene in scenes}
        for server in self.values():
            self._fill(server, catalogue, needed, random)
            self._watch_history(server, {scene.key for scene in scenes}, random)
        for scene in scenes:
            for name, left in scene.left.items():
                self._leave(name, scene, left)

    def states(self) -> States:
        """Return every user's state of every film and episode, by server, user and item id."""
        return {
            (name, user, entry.item_id): server.watch_state(user, entry.item_id)
            for name, server in self.items()
            for user in server.users
            for entry in _playable(server)
        }

    def keys_in_progress(self) -> set[str]:
        """Return the keys of all titles that the viewer has in progress anywhere."""
        return {server.holdings[item_id].key for server in self.values() for item_id in server.in_progress(VIEWER)}

    @staticmethod
    def _fill(server: Server, catalogue: Catalogue, needed: set[str], random: Random) -> None:
        """Put the catalogue into the libraries, but for the odd title that this server lacks."""
        for film in catalogue.films:
            if film.key in needed or random.random() < 0.97:
                server.add_film(film)
        for show in catalogue.shows:
            server.add_show(show)

    def _watch_history(self, server: Server, untouched: set[str], random: Random) -> None:
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
        for item_id in self[name].items_of(scene.key):
            self[name].set_state(
                VIEWER,
                item_id,
                position_ms=left.position_ms,
                watched=left.finished,
                play_count=int(left.finished),
                last_played=last_played,
            )


def _playable(server: Server) -> Iterator[Entry]:
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
