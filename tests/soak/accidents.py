"""What happens to titles without anybody wishing it: apps fail, a TV loses power, a tool writes 0, a server is reset.

Beside them two things that people do and servers show badly: a tablet tells late what was watched on it, and a title is
taken off "Continue watching" although its position stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.state import Cause, WatchState

from .people import Hand, People
from .sitting import Sitting
from .truth import Loss

type Backup = Mapping[str, WatchState]

MASS = 5
"""More zeros than this in one read are a mass of them on any shelf; on a small one, more than half of two or more."""


class Accidents:
    """Lets them happen in a household, before the witness of its people."""

    def __init__(self, people: People) -> None:
        """Wait."""
        self._people = people

    def switch_off(self, sitting: Sitting) -> None:
        """Take a TV from the mains in the middle of a play."""
        with self._people.by(Hand.TIME):
            sitting.viewer.switch_off()
            sitting.switched_off = True

    def fail(self, server: str, user: str, title: str, *, started: bool) -> None:
        """Let an app that cannot play a title stop at 0, at once or after it told a start."""
        if (item_id := self._free_item(server, user, title)) is not None:
            note = partial(self._people.witness.lost_place, how=Loss.PLAY if started else Loss.ZERO)
            with self._people.by_accident(note):
                self._people.household.servers[server].viewer(user, "Broken app").fail(item_id, started=started)

    def fail_while_playing(self, sitting: Sitting) -> None:
        """Let an app fail in the middle of a play, as where the headphones go: it stops at 0."""
        heard = self._people.witness.was_heard(sitting)
        with self._people.by_accident(partial(self._people.witness.lost_place, how=Loss.HEARD if heard else Loss.PLAY)):
            sitting.viewer.stop(0)
        self._people.sittings.remove(sitting)

    def zero(self, server: str, user: str, title: str) -> None:
        """Let a tool write the position 0."""
        if (item_id := self._free_item(server, user, title)) is not None:
            with self._people.by_accident(partial(self._people.witness.lost_place, how=Loss.ZERO)):
                self._people.household.servers[server].viewer(user, "Tool").zero(item_id)

    def reset(self, server: str, user: str, titles: Sequence[str]) -> None:
        """Let a server forget what it stored of some titles, as after its database was lost."""
        simulated = self._people.household.servers[server]
        held = simulated.in_progress(user)
        free = [self._free_item(server, user, title) for title in titles]
        items = [item_id for item_id in free if item_id is not None and item_id in held]
        mass = len(items) > MASS or (len(items) > 1 and len(items) * 2 > len(held))
        note = partial(self._people.witness.lost_place, how=Loss.MASS if mass else Loss.RESET)
        with self._people.by_accident(note):
            for item_id in items:
                entry = simulated.holdings[item_id]
                simulated.store(simulated.users[user].user_id, entry, WatchState(), Cause.SETUP)

    def back_up(self, server: str, user: str) -> Backup:
        """Return what a server stores of a user's titles now."""
        simulated = self._people.household.servers[server]
        states, user_id = simulated.states, simulated.users[user].user_id
        return {key: states.get(user_id, key) for key in states.known(user_id)}

    def restore(self, server: str, user: str, backup: Backup) -> None:
        """Let a server go back to a backup; nobody plays there."""
        simulated = self._people.household.servers[server]
        user_id = simulated.users[user].user_id
        if any(one.server == server for one in self._people.sittings):
            return
        with self._people.by_accident(partial(self._people.witness.went_back, how=Loss.RESET)):
            for key in simulated.states.known(user_id):
                for entry in simulated.entries_of_state(key)[:1]:
                    simulated.store(user_id, entry, backup.get(key, WatchState()), Cause.SETUP)

    def spread_mark(self, server: str, user: str, title: str) -> None:
        """Let plex.tv tell a Plex server that a title was watched, some time after it was watched elsewhere."""
        item_id, simulated = self._free_item(server, user, title), self._people.household.servers[server]
        if item_id is not None and isinstance(simulated, PlexMediaServer):
            guid = simulated.guid(simulated.holdings[item_id])
            with self._people.by_accident(partial(self._people.witness.went_back, how=Loss.ZERO)):
                simulated.take_from_plex_tv(simulated.users[user], guid, watched=True, at=None)

    def tell_late(
        self, server: str, user: str, title: str, position_ms: int, ago: float, *, dated: bool, dateless: bool = False
    ) -> None:
        """Let a tablet that was out of reach tell where a title was left on it so many seconds ago.

        `dated`: it tells the time as well. `dateless`: it takes the date away. Plex dates by itself what it is told.
        """
        item_id, simulated = self._free_item(server, user, title), self._people.household.servers[server]
        if item_id is None or isinstance(simulated, PlexMediaServer):
            return
        entry, account = simulated.holdings[item_id], simulated.users[user]
        state = replace(simulated.state_of(account, entry), position_ms=position_ms)
        if dated:
            state = replace(state, last_played=float(int(simulated.now() - ago)))
        if dateless:
            state = replace(state, last_played=None)
        at = self._people.household.clock.now() - ago
        note = partial(self._people.witness.told_late, at=at, dated=dated, dateless=dateless)
        with self._people.by_accident(note):
            simulated.store(account.user_id, entry, state, Cause.WRITE)

    def hide(self, server: str, user: str, title: str) -> None:
        """Take a title off "Continue watching" where a server does that and keeps the position."""
        item_id, simulated = self._free_item(server, user, title), self._people.household.servers[server]
        if item_id is not None and isinstance(simulated, SimulatedEmby):
            with self._people.by(Hand.VIEWER):
                simulated.hide(user, item_id)
        # Only a hub that shows older titles tells what was hidden on Plex, and only from the second look on.
        if item_id is not None and isinstance(simulated, PlexMediaServer):
            with self._people.by_accident(lambda *_: None):
                simulated.hide(user, item_id)
            self._people.witness.hidden(server, user, item_id)

    def _free_item(self, server: str, user: str, title: str) -> str | None:
        """Return the item of a title that a server shows, unless an app has it open there."""
        item_id = self._people.visible_item(server, user, title)
        return None if item_id is None or self._people.witness.sittings_at(server, user, item_id) else item_id
