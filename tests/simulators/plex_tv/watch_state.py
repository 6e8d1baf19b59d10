"""The account-wide "Sync My Watch State and Ratings" of plex.tv.

Source: support.plex.tv/articles/sync-watch-state-and-ratings. What travels is an account, a GUID, a date and watched or
unwatched; positions do not. By the rules of a mark, a title that arrives as watched loses its position.
"""

from collections.abc import Callable

from tests.simulators.plex.accounts import PlexAccount
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.state import Cause, StateChange

from .directory import PlexTvDirectory


class WatchStateSync:
    """Marks that arrive by themselves.

    `keeps_dates` False: servers date what arrives with now instead of with the day of the event; no document says
    which of both they do.
    """

    def __init__(self, plex_tv: PlexTvDirectory) -> None:
        """Start with nobody taking part."""
        self._plex_tv = plex_tv
        self._followed: set[tuple[int, str]] = set()
        self.keeps_dates = True

    def switch_on(self, name: str) -> None:
        """Let an account take part: what one of its servers has as watched arrives on all others, in bulk."""
        account = self._plex_tv.account(name)
        for server, user in self._plex_tv.uses(account):
            for key in server.states.known(user.user_id):
                state = server.states.get(user.user_id, key)
                if state.watched:
                    self._spread(account, server, key, watched=True, at=state.last_played)
        for server, user in self._plex_tv.uses(account):
            if (account.account_id, server.machine_id) not in self._followed:
                self._followed.add((account.account_id, server.machine_id))
                server.states.on_change(self._follower(account, server, user.user_id))

    def watched_elsewhere(self, name: str, *guids: str, at: float | None = None) -> None:
        """Let titles be watched where no server of the account is: in Discover, or on a friend's server.

        `at`: when that was, in epoch seconds; None: now.
        """
        account = self._plex_tv.account(name)
        for guid in guids:
            self._arrive(account, guid, None, watched=True, at=at)

    def _follower(self, account: PlexAccount, server: PlexMediaServer, user_id: str) -> Callable[[StateChange], None]:
        """Return what carries this user's marks from one server to the others."""

        def follow(change: StateChange) -> None:
            if change.user_id == user_id and change.cause is not Cause.SYNC:
                after = change.after
                if change.before.watched is not after.watched:
                    self._spread(account, server, change.key, watched=after.watched, at=after.last_played)

        return follow

    def _spread(
        self, account: PlexAccount, server: PlexMediaServer, key: str, *, watched: bool, at: float | None
    ) -> None:
        """Carry a mark of one server to the others."""
        for guid in {server.guid(entry) for entry in server.entries_of_state(key)}:
            self._arrive(account, guid, server, watched=watched, at=at)

    def _arrive(
        self, account: PlexAccount, guid: str, source: PlexMediaServer | None, *, watched: bool, at: float | None
    ) -> None:
        """Mark a title on the servers of an account; only the GUIDs of today's agents mean the same everywhere."""
        if not guid.startswith("plex://"):
            return
        for server, user in self._plex_tv.uses(account):
            if server is not source:
                server.take_from_plex_tv(user, guid, watched=watched, at=at if self.keeps_dates else None)
