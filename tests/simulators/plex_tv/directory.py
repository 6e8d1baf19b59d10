"""What plex.tv knows: accounts with their tokens, Plex Homes, and servers with their addresses."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import override

from aiohttp import web

from tests.simulators.clock import SimulatedClock
from tests.simulators.handed_out import secret
from tests.simulators.plex.accounts import PlexAccount, PlexUser, digest, plex_account
from tests.simulators.plex.markup import html_error
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.port import HttpPort
from tests.simulators.routes import Call

from .answers import not_authenticated


@dataclass(frozen=True, slots=True)
class PlexConnection:
    """An address at which plex.tv says that a server can be reached."""

    uri: str
    address: str
    port: int
    local: bool = True
    relay: bool = False
    ipv6: bool = False

    @property
    def protocol(self) -> str:
        """The scheme of the address."""
        return self.uri.partition(":")[0]


class PlexTvDirectory(HttpPort):
    """The accounts and the servers that they know, with the tokens of both.

    `account_tokens` maps the tokens of accounts to them; the tokens for servers are the servers' own business and worth
    nothing here. `admin_needs_pin`: a Home's admin has to give the PIN of a protected member too.
    `switches_per_minute`: more switches of Home users than that are answered 429; None: no limit.
    """

    ignore_case = False

    def __init__(self, *servers: PlexMediaServer, clock: SimulatedClock | None = None) -> None:
        """Open for business, with these servers and their users."""
        super().__init__()
        self.clock = clock or SimulatedClock()
        self.accounts: dict[str, PlexAccount] = {}
        self.account_tokens: dict[str, PlexAccount] = {}
        self.expired_tokens: set[str] = set()
        self.servers: list[PlexMediaServer] = []
        self.admin_needs_pin = False
        self.switches_per_minute: int | None = None
        self._connections: dict[str, tuple[PlexConnection, ...]] = {}
        self._numbers = count(1)
        for server in servers:
            self.publish(server)

    # Set-up

    def add_account(
        self, name: str, *, title: str | None = None, pin: str | None = None, restricted: bool = False
    ) -> PlexAccount:
        """Make an account; giving it to several servers makes one person use all of them."""
        return self._know(plex_account(name, title=title, pin=pin, restricted=restricted))

    def publish(self, server: PlexMediaServer, connections: Iterable[PlexConnection] | None = None) -> None:
        """Claim a server for its owner, with all of its users; `connections` None: the port that it listens on."""
        if server not in self.servers:
            self.servers.append(server)
        server.account_tokens = self.account_tokens
        if connections is not None:
            self._connections[server.machine_id] = tuple(connections)
        for user in server.users.values():
            self._know(user.account)

    def connections(self, server: PlexMediaServer) -> tuple[PlexConnection, ...]:
        """Return the addresses of a server."""
        return self._connections.get(server.machine_id) or (PlexConnection(server.url, "127.0.0.1", server.port),)

    def account_token(self, name: str) -> str:
        """Return a new token for an account, as a sign-in would."""
        return self.issue(self.account(name), "acct")

    def revoke_tokens(self, name: str) -> None:
        """Sign an account out everywhere; its tokens for servers go with it."""
        for token in [token for token, account in self.account_tokens.items() if account.name == name]:
            del self.account_tokens[token]
        for server in self.servers:
            if name in server.users:
                server.revoke_token(name)

    def expire_tokens(self, name: str) -> None:
        """Let all tokens of an account run out, here and at its servers, as those do that are signed for seven days."""
        self.expired_tokens |= {token for token, account in self.account_tokens.items() if account.name == name}
        for server in self.servers:
            server.expired_tokens |= self.expired_tokens
            if name in server.users:
                server.expire_token(name)

    # What the routes need

    def account(self, name: str) -> PlexAccount:
        """Return an account; users that a server got after it was published are known as well."""
        for server in self.servers:
            self.publish(server)
        return self.accounts[name]

    def issue(self, account: PlexAccount, prefix: str) -> str:
        """Issue a token for an account."""
        token = secret(f"{prefix}-{digest(f'{account.uuid} {next(self._numbers)}', 20)}")
        self.account_tokens[token] = account
        return token

    def account_of(self, call: Call) -> PlexAccount | None:
        """Return whose request it is."""
        return self.account_tokens.get(self.token_in(call))

    def token_in(self, call: Call) -> str:
        """Return the token that a request carries."""
        return call.header("X-Plex-Token") or call.argument("X-Plex-Token")

    def home(self, account: PlexAccount) -> list[PlexAccount]:
        """Return the members of an account's Home, its admin first; an account alone is a Home of one."""
        admin = self.account(account.home_of or account.name)
        return [admin, *(each for each in self.accounts.values() if each.home_of == admin.name)]

    def uses(self, account: PlexAccount) -> list[tuple[PlexMediaServer, PlexUser]]:
        """Return the servers that an account may use, with the user that it is there."""
        return [
            (server, user)
            for server in self.servers
            for user in server.users.values()
            if user.account.account_id == account.account_id and not user.disabled
        ]

    def _know(self, account: PlexAccount) -> PlexAccount:
        """Take an account in."""
        known = self.accounts.setdefault(account.name, account)
        known.home_of = known.home_of or account.home_of
        return known

    # The port

    @override
    def now(self) -> float:
        return self.clock.now()

    @override
    def settle(self) -> None:
        """Nothing happens by itself here."""

    @override
    def revoke(self, call: Call) -> None:
        self.account_tokens.pop(self.token_in(call), None)

    @override
    def unknown_path(self, call: Call) -> web.StreamResponse:
        return not_authenticated(call) if self.account_of(call) is None else html_error(404, "Not Found")
