"""A Plex Media Server without its HTTP side: whose it is, who may see what, and what its items are called."""

from abc import ABC
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import override

from tests.simulators.clock import SimulatedClock
from tests.simulators.holdings import Entry, EntryKind, Library, LibraryChange, LibraryKind
from tests.simulators.routes import Call
from tests.simulators.server import SimulatedServer

from .accounts import PlexAccount, PlexRole, PlexUser, digest, plex_account
from .guids import default_agent, guid_of, unmatched_guid


@dataclass(frozen=True, slots=True)
class Marker:
    """A chapter that the server found: the credits (`final`: the last ones) or the intro."""

    kind: str
    start_ms: int
    end_ms: int
    final: bool = False


class PlexHousehold(SimulatedServer[PlexUser], ABC):
    """Users, tokens, libraries and GUIDs.

    `allowed_without_auth`: the network is on the list of those that need no sign-in, so that a request without a token,
    or with one that is not valid, acts as the owner. `claimed` False: as after a forced password reset, every token is
    refused. `linked_copies`: items with the same GUID share their states, else each copy has its own.
    `played_threshold` (percent), `played_at` (0 threshold, 1 final credits, 2 first credits, 3 the earliest) and
    `on_deck_weeks` are the server's preferences. `account_tokens` are those of plex.tv: the owner's work here too.
    """

    ignore_case = False

    def __init__(
        self,
        *,
        name: str = "Attic",
        version: str = "1.43.2.10687-563d026ea",
        clock: SimulatedClock | None = None,
        machine_id: str | None = None,
        linked_copies: bool = False,
    ) -> None:
        """Make a server that nobody owns yet."""
        self.machine_id = machine_id or digest(f"machine {name}", 40)
        self.linked_copies = linked_copies
        self.allowed_without_auth = False
        self.claimed = True
        self.played_threshold = 90
        self.played_at = 3
        self.on_deck_weeks = 16
        self.markers: dict[str, tuple[Marker, ...]] = {}
        self.trashed: dict[str, int] = {}
        self.hidden_seasons: set[str] = set()
        self.changes: defaultdict[str, int] = defaultdict(int)
        self.account_tokens: Mapping[str, PlexAccount] = {}
        self.expired_tokens: set[str] = set()
        self.last_key = 0
        self.last_section = 0
        self._guids: dict[str, str] = {}
        self._by_guid: defaultdict[str, dict[str, None]] = defaultdict(dict)
        super().__init__(name=name, version=version, clock=clock)
        self.holdings.on_change(self._library_changed)

    # Users

    def add_user(
        self,
        name: str,
        *,
        role: PlexRole | None = None,
        title: str | None = None,
        pin: str | None = None,
        restricted: bool = False,
        libraries: Iterable[str] | None = None,
        account: PlexAccount | None = None,
    ) -> PlexUser:
        """Let somebody in: the first user is the owner, others are members of the owner's Plex Home unless `role` says.

        `restricted`: a managed user. `libraries`: the names of those that are shared with them; None: all.
        """
        role = role or (PlexRole.HOME if self.users else PlexRole.OWNER)
        account = account or plex_account(name, title=title, pin=pin, restricted=restricted)
        if role is PlexRole.HOME:
            account.home_of = self.owner.account.name
        owner = role is PlexRole.OWNER
        shared = None if libraries is None else {self.library(each).library_id for each in libraries}
        user = PlexUser(
            name=name,
            user_id="1" if owner else str(account.account_id),
            admin=owner,
            shared=shared,
            account=account,
            role=role,
            machine_id=self.machine_id,
        )
        self.users[name] = user
        return user

    def remove_user(self, name: str) -> None:
        """End the sharing with a user; the states stay, as they do on the real server."""
        del self.users[name]

    @property
    def owner(self) -> PlexUser:
        """The user that the server belongs to."""
        return next(user for user in self.users.values() if user.is_owner)

    def token(self, name: str) -> str:
        """Return the token for this server and this user."""
        return self.users[name].access_token

    def revoke_token(self, name: str) -> None:
        """Make a user's token invalid; plex.tv hands out the new one."""
        self.users[name].token_number += 1

    def expire_token(self, name: str) -> None:
        """Let a user's token run out, as one that is signed for seven days does."""
        self.expired_tokens.add(self.users[name].access_token)

    @override
    def revoke(self, call: Call) -> None:
        user = self._user_of_token(self.token_in(call))
        if user is not None:
            self.revoke_token(user.name)

    def token_in(self, call: Call) -> str:
        """Return the token that a request carries, in the header or in the query."""
        return call.header("X-Plex-Token") or call.argument("X-Plex-Token")

    def user_of(self, call: Call) -> PlexUser | None:
        """Return the user that a request acts for; None: it is refused."""
        if not self.claimed:
            return None
        user = self._user_of_token(self.token_in(call))
        return self.owner if user is None and self.allowed_without_auth else user

    def _user_of_token(self, token: str) -> PlexUser | None:
        """Return whose token it is: the one for this server, or the owner's own from plex.tv."""
        for user in self.users.values():
            if token == user.access_token and not user.disabled:
                return user
        account = self.account_tokens.get(token)
        return self.owner if account is not None and account.account_id == self.owner.account.account_id else None

    # Libraries and items

    @override
    def new_library_id(self, name: str) -> str:
        self.last_section += 1
        return str(self.last_section)

    @override
    def new_item_id(self, kind: EntryKind, path: str) -> str:
        self.last_key += 1
        return str(self.last_key)

    @override
    def add_library(self, name: str, kind: LibraryKind, agent: str = "") -> Library:
        """Make a library, or return the one of that name.

        `agent` decides what GUIDs look like: the current agents by default, `com.plexapp.agents.imdb`, `.themoviedb`,
        `.thetvdb`, `.hama`, `.xbmcnfo` for legacy ones, `…agents.none` for home videos.
        """
        known = name in self.libraries
        library = super().add_library(name, kind)
        if not known:
            library.agent = agent or default_agent(kind)
        return library

    @override
    def replace_file(self, item_id: str, *, duration_ms: int | None = None) -> str:
        """Upgrade a file; the states follow the GUID to the new rating key, but those of unmatched items are lost."""
        matched = not self._guids[item_id].startswith("local://")
        new_id = super().replace_file(item_id, duration_ms=duration_ms)
        if matched and not self.linked_copies:
            self.states.move(item_id, new_id)
        return new_id

    def unmatch(self, item_id: str) -> None:
        """Take the match of an item back: it loses its GUID and shows no external ids."""
        self.give_guid(self.holdings[item_id], unmatched_guid(self.holdings[item_id]))

    def trash(self, item_id: str) -> None:
        """Let an item's file vanish while the server keeps its row until the trash is emptied."""
        self.trashed[item_id] = int(self.now())

    def hide_seasons(self, show_id: str) -> None:
        """Set a show to "Seasons: Hide": its episodes do not tell their season's rating key any more."""
        self.hidden_seasons.add(show_id)

    def add_credits(self, item_id: str, start_ms: int, end_ms: int, *, final: bool = True) -> None:
        """Put a credits marker on an item."""
        self.markers[item_id] = (*self.markers.get(item_id, ()), Marker("credits", start_ms, end_ms, final))

    def guid(self, entry: Entry) -> str:
        """Return an item's primary GUID."""
        return self._guids[entry.item_id]

    def entries_with_guid(self, guid: str) -> list[Entry]:
        """Return all items with a primary GUID."""
        return [self.holdings[item_id] for item_id in self._by_guid.get(guid, ())]

    def sections(self, user: PlexUser) -> list[Library]:
        """Return the libraries that are shared with a user."""
        return [library for library in self.libraries.values() if user.may_see(library)]

    def item(self, item_id: str, user: PlexUser) -> Entry | None:
        """Return an item by rating key if it is there for this user; other versions are no items of their own."""
        entry = self.holdings.get(item_id)
        if entry is None or entry.primary_id is not None or not self.can_see(user, entry):
            return None
        return entry

    def leaves(self, entry: Entry) -> list[Entry]:
        """Return the films and episodes below an item, or the item itself."""
        if entry.kind not in (EntryKind.SHOW, EntryKind.SEASON):
            return [entry]
        return [leaf for child in entry.children for leaf in self.leaves(self.holdings[child])]

    @override
    def state_key(self, entry: Entry) -> str:
        primary = self.holdings[entry.primary_id] if entry.primary_id else entry
        return self._guids.get(primary.item_id, primary.item_id) if self.linked_copies else primary.item_id

    @override
    def entries_of_state(self, key: str) -> list[Entry]:
        return self.entries_with_guid(key) if self.linked_copies else super().entries_of_state(key)

    def _library_changed(self, change: LibraryChange) -> None:
        """Keep the GUIDs and the libraries' change counters up to date."""
        entry = change.entry
        self.changes[entry.library.library_id] += 1
        if entry.primary_id is not None:
            return
        if change.removed:
            self._by_guid[self._guids.pop(entry.item_id)].pop(entry.item_id, None)
        else:
            self.give_guid(entry, guid_of(entry, self.holdings.get(entry.show_id) if entry.show_id else None))

    def give_guid(self, entry: Entry, guid: str) -> None:
        """Give an item its GUID."""
        if old := self._guids.get(entry.item_id):
            self._by_guid[old].pop(entry.item_id, None)
        self._guids[entry.item_id] = guid
        self._by_guid[guid][entry.item_id] = None
