"""The database of a Plex Media Server: backed up, restored, lost. Rating keys are numbers that it counts up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.simulators.holdings import Entry, Library
from tests.simulators.state import Cause, WatchState

from .accounts import digest
from .household import PlexHousehold

_NO_STATE = WatchState()


@dataclass(frozen=True, slots=True)
class Backup:
    """Libraries, items and states at one moment, and how far the rating keys had come."""

    libraries: Mapping[str, Library]
    entries: tuple[Entry, ...]
    guids: Mapping[str, str]
    states: Mapping[tuple[str, str], WatchState]
    last_key: int = 0
    last_section: int = 0


_EMPTY = Backup({}, (), {}, {})


class PlexDatabase:
    """What people do to a database.

    After `restore` and `reset` the keys are counted from where the backup stood, so titles that are scanned then get
    rating keys that other titles had before. Tokens are plex.tv's business and go on working.
    """

    def __init__(self, server: PlexHousehold) -> None:
        """Take care of one server."""
        self._server = server

    def back_up(self) -> Backup:
        """Return all that can be restored later."""
        server = self._server
        return Backup(
            dict(server.libraries),
            tuple(_copy(entry) for entry in server.holdings),
            {entry.item_id: server.guid(entry) for entry in server.holdings if entry.primary_id is None},
            {
                (user.user_id, key): state
                for user in server.users.values()
                for key in server.states.known(user.user_id)
                if (state := server.states.get(user.user_id, key)) != _NO_STATE
            },
            server.last_key,
            server.last_section,
        )

    def restore(self, backup: Backup) -> None:
        """Go back to a backup: what came since then is not there, until it is scanned again."""
        server = self._server
        for entry in list(server.holdings):
            if server.holdings.get(entry.item_id) is not None:
                server.holdings.remove(entry)
        for user in server.users.values():
            for key in server.states.known(user.user_id):
                server.states.put(user.user_id, key, _NO_STATE, Cause.SETUP)
        server.trashed.clear()
        server.markers.clear()
        server.hidden_seasons.clear()
        server.holdings.libraries.clear()
        server.holdings.libraries.update(backup.libraries)
        server.last_key, server.last_section = backup.last_key, backup.last_section
        for entry in backup.entries:
            server.holdings.add(_copy(entry))
            if entry.item_id in backup.guids:
                server.give_guid(entry, backup.guids[entry.item_id])
        for (user_id, key), state in backup.states.items():
            server.states.put(user_id, key, state, Cause.SETUP)

    def reset(self) -> None:
        """Lose everything: an empty server of the same name, whose first item has the rating key 1 again."""
        self.restore(_EMPTY)

    def reinstall(self) -> None:
        """Install the server anew at the same address: nothing is left, and it is another machine."""
        self.reset()
        self.replace_machine()

    def replace_machine(self) -> None:
        """Let another machine identifier answer at the address, and take the owner's token all the same."""
        self._server.machine_id = digest(f"after {self._server.machine_id}", 40)


def _copy(entry: Entry) -> Entry:
    """Return an entry that shares nothing with the original."""
    return replace(entry, children=list(entry.children), versions=list(entry.versions))
