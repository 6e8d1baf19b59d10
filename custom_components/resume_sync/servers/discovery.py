"""Finding media servers in the local network: one UDP question for each kind.

Plex answers GDM (`M-SEARCH` to 239.0.0.250:32414, also as a broadcast); Jellyfin and Emby answer a question to port
7359. Any machine in the network can send an answer: so it is checked, and never more than a suggestion.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import json
import re
import socket
from typing import Final, override

from yarl import URL

from ..sync.model import ServerType
from .plain_text import plain_text

BROADCAST: Final = "255.255.255.255"
GDM_GROUP: Final = "239.0.0.250"
GDM_PORT: Final = 32414
DISCOVERY_PORT: Final = 7359
LISTEN_SECONDS: Final = 2.0

_QUESTIONS: Final = {
    ServerType.PLEX: b"M-SEARCH * HTTP/1.0\r\n\r\n",
    ServerType.JELLYFIN: b"Who is JellyfinServer?",
    ServerType.EMBY: b"who is EmbyServer?",
}
_DEFAULT_PORTS: Final = {ServerType.PLEX: 32400, ServerType.JELLYFIN: 8096, ServerType.EMBY: 8096}
_TIMES_ASKED: Final = 2
_MOST_BYTES: Final = 4096
_MOST_ANSWERS: Final = 64
_PLEX_ID: Final = re.compile(r"[0-9A-Za-z-]{8,64}")
_MEDIABROWSER_ID: Final = re.compile(r"[0-9a-f]{32}")
_HOST: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]{0,251}[0-9A-Za-z])?|[0-9A-Fa-f:]{2,39}")

type Address = tuple[str, int]
type Targets = Mapping[ServerType, Sequence[Address]]


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """A media server that answered. `url` is the address that it told, or else the sender of the answer."""

    server_type: ServerType
    server_id: str
    name: str
    url: str


def local_targets(broadcasts: Iterable[str] = (BROADCAST,)) -> Targets:
    """Return the addresses to ask: for Plex its multicast group, for every kind these IPv4 broadcast addresses."""
    hosts = tuple(dict.fromkeys(broadcasts))
    return {
        ServerType.PLEX: [(host, GDM_PORT) for host in (GDM_GROUP, *hosts)],
        ServerType.JELLYFIN: [(host, DISCOVERY_PORT) for host in hosts],
        ServerType.EMBY: [(host, DISCOVERY_PORT) for host in hosts],
    }


async def discover(
    timeout: float = LISTEN_SECONDS,  # noqa: ASYNC109  # how long to listen, not a limit
    *,
    targets: Targets | None = None,
) -> tuple[DiscoveredServer, ...]:
    """Ask, listen for `timeout` seconds, and return each server once for each of its addresses, sorted by name.

    Who answers with the id of another server cannot be told from it here, however early or late the answer comes.

    `targets` are the addresses to ask, by kind of server. Trouble in the network raises nothing: it is the same as no
    answer.
    """
    asked = local_targets() if targets is None else targets
    found = await asyncio.gather(*(_ask(server_type, asked[server_type], timeout) for server_type in asked))
    servers = [server for answers in found for server in answers]
    return tuple(sorted(servers, key=lambda each: (each.name.casefold(), each.server_type, each.server_id, each.url)))


class _Listener(asyncio.DatagramProtocol):
    """Collects the answers to one question by server and address, as far as they can be understood."""

    def __init__(self, server_type: ServerType) -> None:
        """Hear nothing yet."""
        self._server_type = server_type
        self.servers: dict[tuple[str, str], DiscoveredServer] = {}

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) <= _MOST_BYTES and len(self.servers) < _MOST_ANSWERS:
            server = read_answer(self._server_type, data, addr[0])
            if server is not None:
                self.servers.setdefault((server.server_id, server.url), server)

    @override
    def error_received(self, exc: Exception) -> None:
        """Take no note: a network that cannot be reached has no servers."""


async def _ask(server_type: ServerType, targets: Sequence[Address], seconds: float) -> Iterable[DiscoveredServer]:
    """Send one question to some addresses, twice because datagrams get lost, and return the answers."""
    listener = _Listener(server_type)
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: listener,
            family=socket.AF_INET,
            allow_broadcast=True,
        )
    except OSError:
        return []
    try:
        for _ in range(_TIMES_ASKED):
            for target in targets:
                transport.sendto(_QUESTIONS[server_type], target)
            await asyncio.sleep(seconds / _TIMES_ASKED)
    finally:
        transport.close()
    return listener.servers.values()


def read_answer(server_type: ServerType, data: bytes, sender: str) -> DiscoveredServer | None:
    """Read one datagram that came from `sender`; None where it is not a valid answer to the question."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return _plex(text, sender) if server_type is ServerType.PLEX else _mediabrowser(server_type, text, sender)


def _plex(text: str, sender: str) -> DiscoveredServer | None:
    """Read an answer in the form of HTTP headers, whose values may hold colons."""
    status, *lines = text.splitlines()[:50] or [""]
    if not re.fullmatch(r"HTTP/1\.\d 200\b.*", status):
        return None
    headers = {name.strip().casefold(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    server_id = headers.get("resource-identifier", "")
    if headers.get("content-type") != "plex/media-server" or not _PLEX_ID.fullmatch(server_id):
        return None
    port = _port(headers.get("port", "")) or _DEFAULT_PORTS[ServerType.PLEX]
    name = plain_text(headers.get("name", "")) or "Plex Media Server"
    return DiscoveredServer(ServerType.PLEX, server_id, name, _url(sender, port))


def _mediabrowser(server_type: ServerType, text: str, sender: str) -> DiscoveredServer | None:
    """Read an answer in JSON."""
    try:
        answer = json.loads(text)
    except ValueError, RecursionError:
        return None
    if not isinstance(answer, dict):
        return None
    server_id, name, address = answer.get("Id"), answer.get("Name"), answer.get("Address")
    server_id = server_id.replace("-", "").lower() if isinstance(server_id, str) else ""
    if not _MEDIABROWSER_ID.fullmatch(server_id):
        return None
    return DiscoveredServer(
        server_type,
        server_id,
        (plain_text(name) if isinstance(name, str) else "") or server_type.capitalize(),
        _checked_address(address if isinstance(address, str) else "", server_type, sender),
    )


def _checked_address(address: str, server_type: ServerType, sender: str) -> str:
    """Return the address that a server tells, or else, where it cannot be used from here, the sender's.

    Only http and https; a server in a container may tell an address that means itself.
    """
    default = _DEFAULT_PORTS[server_type]
    try:
        url = URL(address)
        host, port = url.host or "", url.port
    except ValueError:
        return _url(sender, default)
    if url.scheme not in ("http", "https") or url.user or url.password or not port or not _HOST.fullmatch(host):
        return _url(sender, default)
    if _means_itself(host) and not _means_itself(sender):
        return _url(sender, port, url.scheme)
    return str(url.with_query(None).with_fragment(None)).rstrip("/")


def _means_itself(host: str) -> bool:
    """Tell whether a host is a name for this very machine, or for none."""
    return host in ("localhost", "0.0.0.0", "::", "::1") or host.startswith("127.")  # noqa: S104  # compared only


def _url(host: str, port: int, scheme: str = "http") -> str:
    """Return an address."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _port(text: str) -> int | None:
    """Return a port, None where it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65_536 else None
