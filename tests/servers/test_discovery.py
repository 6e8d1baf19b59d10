"""Servers found in the local network, against simulated ones on 127.0.0.1."""

import asyncio
from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.resume_sync.servers.discovery import (
    DISCOVERY_PORT,
    GDM_GROUP,
    GDM_PORT,
    DiscoveredServer,
    Targets,
    discover,
    local_targets,
    read_answer,
)
from custom_components.resume_sync.sync.model import ServerType
from tests.simulators.discovery import Reply, emby, gdm, jellyfin, listening

from .mediabrowser.samples import sample

PAYLOADS = Path(__file__).parent.parent / "payloads"
SENDER = "192.168.1.9"
HEX = "072fdbb39aca2fa9b5c49713ac0f3781"
PLEX_ID = "fbec5750064b53d5c6b4dbdc3f0d279779903ab2"
PLEX, JELLYFIN, EMBY = ServerType.PLEX, ServerType.JELLYFIN, ServerType.EMBY


def saying(*answers: bytes) -> Reply:
    """Answer anything with these datagrams."""

    def reply(question: bytes) -> Iterable[bytes]:
        return answers

    return reply


def everywhere(address: tuple[str, int]) -> Targets:
    """Ask one address for all kinds of server."""
    return dict.fromkeys(ServerType, (address,))


@pytest.mark.usefixtures("socket_enabled")
async def test_all_kinds_of_server() -> None:
    """Each kind answers its own question; a name may hold colons."""
    async with listening(
        gdm(name="Attic: upstairs", server_id=PLEX_ID, port=36557),
        jellyfin(name="Den", server_id=HEX, address="http://127.0.0.1:8096/jellyfin"),
        emby(name="cellar", server_id="b" * 32, address="http://127.0.0.1:8920"),
    ) as (address, questions):
        found = await discover(0.2, targets=everywhere(address))

    assert found == (
        DiscoveredServer(PLEX, PLEX_ID, "Attic: upstairs", "http://127.0.0.1:36557"),
        DiscoveredServer(EMBY, "b" * 32, "cellar", "http://127.0.0.1:8920"),
        DiscoveredServer(JELLYFIN, HEX, "Den", "http://127.0.0.1:8096/jellyfin"),
    )
    assert len(questions) == 6


@pytest.mark.usefixtures("socket_enabled")
async def test_each_server_once_for_each_address() -> None:
    """Somebody who repeats another server's id is heard as well, whoever comes first: both may be right."""
    async with listening(
        jellyfin(name="Den", server_id=HEX, address="http://127.0.0.1:8096"),
        jellyfin(name="Trap", server_id=HEX.upper(), address="http://198.51.100.1:8096"),
        jellyfin(name="Again", server_id=HEX, address="http://127.0.0.1:8096/"),
    ) as (address, _):
        found = await discover(0.2, targets={JELLYFIN: [address, address]})

    assert [(each.name, each.server_id, each.url) for each in found] == [
        ("Den", HEX, "http://127.0.0.1:8096"),
        ("Trap", HEX, "http://198.51.100.1:8096"),
    ]


@pytest.mark.usefixtures("socket_enabled")
async def test_without_an_answer_nothing_is_found_and_nothing_raised() -> None:
    """Silence, a closed port, and an address that cannot be sent to."""
    async with listening() as (silent, _):
        pass
    targets = {PLEX: [silent, ("127.0.0.1", 0)], JELLYFIN: [], EMBY: [silent]}

    assert await discover(0.1, targets=targets) == ()
    assert await discover(0.1, targets={}) == ()


async def test_a_socket_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files, or no right to broadcast."""

    async def refused(*args: Any, **kwargs: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(asyncio.get_running_loop(), "create_datagram_endpoint", refused)

    assert await discover(0.1) == ()


@pytest.mark.usefixtures("socket_enabled")
async def test_hostile_answers() -> None:
    """What is too long, no text, or not in shape is not heard, and a flood is cut off."""
    good = json.dumps({"Id": HEX, "Name": "Den"}).encode()
    flood = [json.dumps({"Id": f"{number:032x}", "Name": "x"}).encode() for number in range(300)]
    async with listening(saying(b"", b"\xff\xfe", b"x" * 9000, b"[" * 4000, good, *flood)) as (address, _):
        found = await discover(0.3, targets={JELLYFIN: [address]})

    assert len(found) == 64
    assert DiscoveredServer(JELLYFIN, HEX, "Den", "http://127.0.0.1:8096") in found


def test_each_kind_of_server_is_asked_at_its_own_addresses() -> None:
    """Plex by multicast and broadcast, the others by broadcast, each address once."""
    assert local_targets() == {
        PLEX: [(GDM_GROUP, GDM_PORT), ("255.255.255.255", GDM_PORT)],
        JELLYFIN: [("255.255.255.255", DISCOVERY_PORT)],
        EMBY: [("255.255.255.255", DISCOVERY_PORT)],
    }
    assert local_targets(["192.168.1.255", "10.0.0.255", "10.0.0.255"])[EMBY] == [
        ("192.168.1.255", DISCOVERY_PORT),
        ("10.0.0.255", DISCOVERY_PORT),
    ]


def test_samples() -> None:
    """What the servers send."""
    plex = read_answer(PLEX, (PAYLOADS / "plex" / "gdm_reply.txt").read_bytes(), SENDER)
    assert plex == DiscoveredServer(PLEX, PLEX_ID, "Attic", "http://192.168.1.9:36557")
    for server_type in (JELLYFIN, EMBY):
        answer = sample(server_type, "udp_reply")
        assert read_answer(server_type, json.dumps(answer).encode(), SENDER) == DiscoveredServer(
            server_type, answer["Id"], "Den", "http://192.168.1.20:8096"
        )


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://media.example:443/jellyfin/", "https://media.example/jellyfin"),
        ("http://192.168.1.20:8096?x=1#y", "http://192.168.1.20:8096"),
        ("http://[fd00::1]:8096", "http://[fd00::1]:8096"),
        ("http://127.0.0.1:8097", "http://192.168.1.9:8097"),
        ("https://localhost:8920/base", "https://192.168.1.9:8920"),
        ("http://0.0.0.0:8096", "http://192.168.1.9:8096"),
        ("file:///etc/passwd", "http://192.168.1.9:8096"),
        ("ftp://192.168.1.20:21", "http://192.168.1.9:8096"),
        ("javascript:alert(1)", "http://192.168.1.9:8096"),
        ("http://user:password@192.168.1.20:8096", "http://192.168.1.9:8096"),
        ("http://192.168.1.20:99999", "http://192.168.1.9:8096"),
        ("http://192.168.1.20:0", "http://192.168.1.9:8096"),
        ("http://[::1", "http://192.168.1.9:8096"),
        ("http://exa_mple/", "http://192.168.1.9:8096"),
        ("http://", "http://192.168.1.9:8096"),
        ("", "http://192.168.1.9:8096"),
        (None, "http://192.168.1.9:8096"),
        (8096, "http://192.168.1.9:8096"),
    ],
)
def test_addresses_are_checked(address: object, url: str) -> None:
    """Only http and https; else, and where a server means itself, the address that its answer came from."""
    data = json.dumps({"Id": HEX, "Name": "Den", "Address": address}).encode()

    found = read_answer(JELLYFIN, data, SENDER)

    assert found is not None
    assert found.url == url


def test_a_server_on_this_machine() -> None:
    """An answer that came from this machine may name it."""
    data = json.dumps({"Id": HEX, "Name": "Den", "Address": "http://127.0.0.1:8097"}).encode()

    found = read_answer(EMBY, data, "127.0.0.1")

    assert found == DiscoveredServer(EMBY, HEX, "Den", "http://127.0.0.1:8097")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"Id": 5}',
        b'{"Id": "not an id"}',
        b'{"Id": "' + HEX.encode() + b'"',
        b"\xc3\x28",
        b"HTTP/1.0 200 OK",
    ],
)
def test_an_invalid_answer_is_left_out(answer: bytes) -> None:
    """Other JSON, half an answer, invalid text, and GDM without headers."""
    for server_type in ServerType:
        assert read_answer(server_type, answer, SENDER) is None


@pytest.mark.parametrize(
    ("line", "replacement", "found"),
    [
        ("HTTP/1.0 200 OK", "HTTP/1.1 200 OK", True),
        ("HTTP/1.0 200 OK", "HTTP/1.0 404 Not Found", False),
        ("HTTP/1.0 200 OK", "NOTIFY * HTTP/1.0", False),
        ("Content-Type: plex/media-server", "Content-Type: plex/media-player", False),
        ("Content-Type: plex/media-server", "", False),
        (f"Resource-Identifier: {PLEX_ID}", "", False),
        (f"Resource-Identifier: {PLEX_ID}", "Resource-Identifier: ../../x", False),
        ("Updated-At: 1795218643", "no colon here", True),
    ],
)
def test_gdm_answers(line: str, replacement: str, found: bool) -> None:
    """Only media servers with an id."""
    text = (PAYLOADS / "plex" / "gdm_reply.txt").read_text(encoding="utf-8")
    assert line in text

    assert (read_answer(PLEX, text.replace(line, replacement).encode(), SENDER) is not None) is found


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "32400x", "9" * 5000])
def test_gdm_ports(port: str) -> None:
    """A port that is none becomes Plex's own."""
    text = (PAYLOADS / "plex" / "gdm_reply.txt").read_text(encoding="utf-8").replace("36557", port)

    found = read_answer(PLEX, text.encode(), "fd00::9")

    assert found is not None
    assert found.url == "http://[fd00::9]:32400"


def test_names_are_made_fit_to_be_shown() -> None:
    """No control signs, no endless names, and never no name."""
    for name, shown in (("  a\x00b\n", "a b"), ("\u202egnp.exe", "gnp.exe"), ("x" * 3000, "x" * 300), ("", "Emby")):
        data = json.dumps({"Id": HEX, "Name": name}).encode()
        found = read_answer(EMBY, data, SENDER)
        assert found is not None
        assert found.name == shown
    found = read_answer(JELLYFIN, json.dumps({"Id": HEX, "Name": ["x"]}).encode(), SENDER)
    assert found is not None
    assert found.name == "Jellyfin"
