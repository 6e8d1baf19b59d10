"""The simulated plex.tv, by raw HTTP and by plexapi, against what is known of the real one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from plexapi.myplex import MyPlexAccount
import pytest
from requests import Session

from tests.simulators.faults import RevokedToken, Status
from tests.simulators.handed_out import SECRETS
from tests.simulators.plex.accounts import PlexRole
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.plex.small_world import Answer, Attic, attic
from tests.simulators.plex_tv.directory import PlexConnection
from tests.simulators.plex_tv.server import PlexTv

JSON = "application/json"
CLIENT = {"X-Plex-Client-Identifier": "ours", "X-Plex-Product": "Resume Sync"}


@dataclass(frozen=True, slots=True)
class Cloud:
    """A plex.tv that knows one server."""

    plex_tv: PlexTv
    world: Attic

    async def ask(
        self, path: str, user: str | None = "olivia", *, method: str = "GET", token: str = "", accept: str = JSON
    ) -> Answer:
        """Ask plex.tv as a user, or with a token."""
        token = token or (self.plex_tv.account_token(user) if user else "")
        url = self.plex_tv.url
        return await self.world.ask(path, method=method, token=token, accept=accept, headers=CLIENT, url=url)


@pytest.fixture
async def cloud(socket_enabled: None) -> AsyncIterator[Cloud]:
    """Give plex.tv with a server that four users may use."""
    async with attic() as world:
        plex_tv = PlexTv(world.server, clock=world.server.clock)
        await plex_tv.start()
        try:
            yield Cloud(plex_tv, world)
        finally:
            await plex_tv.stop()


async def test_sign_in_by_pin(cloud: Cloud) -> None:
    """A short code is polled by the client that asked for it until somebody enters it."""
    asked = await cloud.ask("/api/v2/pins", None, method="POST")
    assert (asked.status, len(asked.json["code"]), asked.json["authToken"]) == (201, 4, None)
    assert (asked.json["expiresIn"], asked.json["product"]) == (900, "Resume Sync")
    path = f"/api/v2/pins/{asked.json['id']}"
    assert (await cloud.ask(path, None)).json["authToken"] is None
    other = await cloud.world.ask(
        path, token="", accept=JSON, url=cloud.plex_tv.url, headers={"X-Plex-Client-Identifier": "theirs"}
    )
    assert other.status == 404
    cloud.plex_tv.approve_pin(asked.json["code"].lower(), "henry")
    token = (await cloud.ask(path, None)).json["authToken"]
    assert (await cloud.ask("/api/v2/user", token=token)).json["username"] == "henry"
    with pytest.raises(KeyError):
        cloud.plex_tv.approve_pin("ZZZZ", "henry")


async def test_pins_expire(cloud: Cloud) -> None:
    """After a quarter of an hour, strong ones after half an hour; then they are unknown."""
    short = (await cloud.ask("/api/v2/pins", None, method="POST")).json
    strong = (await cloud.ask("/api/v2/pins?strong=true", None, method="POST")).json
    assert (len(strong["code"]), strong["expiresIn"]) == (25, 1800)
    cloud.plex_tv.clock.advance(901)
    gone = await cloud.ask(f"/api/v2/pins/{short['id']}", None)
    assert gone.status == 404
    assert gone.json == {"errors": [{"code": 1020, "message": "Code not found or expired", "status": 404}]}
    assert (await cloud.ask(f"/api/v2/pins/{strong['id']}", None)).json["expiresIn"] == 899
    assert cloud.plex_tv.pins.codes() == [strong["code"]]


async def test_a_pin_needs_a_client(cloud: Cloud) -> None:
    """Without an identifier nothing can be polled."""
    answer = await cloud.world.ask("/api/v2/pins", method="POST", token="", url=cloud.plex_tv.url)
    assert (answer.status, answer.root.tag) == (400, "errors")


async def test_who_a_token_is_of(cloud: Cloud) -> None:
    """Account tokens work here; tokens for a server do not, nor do revoked ones."""
    answer = await cloud.ask("/api/v2/user")
    account = cloud.world.server.owner.account
    assert (answer.json["id"], answer.json["uuid"]) == (account.account_id, account.uuid)
    assert (answer.json["homeAdmin"], answer.json["homeSize"]) == (True, 3)
    for token in ("wrong", cloud.world.server.token("olivia")):
        refused = await cloud.ask("/api/v2/user", token=token)
        assert refused.status == 401
        assert refused.json["errors"][0]["code"] == 1001
        assert (await cloud.ask("/api/v2/user", token=token, accept="")).root[0].attrib["status"] == "401"
    token = cloud.plex_tv.account_token("olivia")
    assert (await cloud.ask("/api/v2/ping", token=token, accept="")).root.text == "true"
    cloud.plex_tv.faults.add("GET /api/v2/user", RevokedToken())
    assert (await cloud.ask("/api/v2/user", token=token)).status == 401
    assert (await cloud.ask("/api/v2/ping", token=token)).status == 401


async def test_resources(cloud: Cloud) -> None:
    """Everybody gets their own token for the server; not every resource is a server."""
    server = cloud.world.server
    for name, owned, home in (("olivia", True, False), ("henry", False, True), ("frank", False, False)):
        rows = (await cloud.ask("/api/v2/resources?includeHttps=1", name)).json
        (row,) = [each for each in rows if each["provides"] == "server"]
        assert len(rows) == 2
        assert (row["owned"], row["home"], row["clientIdentifier"]) == (owned, home, server.machine_id)
        assert row["ownerId"] == (None if owned else server.owner.account.account_id)
        assert row["accessToken"] == server.token(name)
        assert [each["uri"] for each in row["connections"]] == [server.url]
        assert (await cloud.world.ask("/library/sections", token=row["accessToken"])).status == 200


async def test_addresses_of_a_server_can_be_given(cloud: Cloud) -> None:
    """Local ones, those from outside, and the relay."""
    relay = PlexConnection("https://127.0.0.1:8443", "127.0.0.1", 8443, local=False, relay=True)
    cloud.plex_tv.publish(cloud.world.server, [relay])
    row = (await cloud.ask("/api/v2/resources")).json[0]
    assert row["relay"]
    (connection,) = row["connections"]
    assert (connection["protocol"], connection["local"], connection["relay"]) == ("https", False, True)


async def test_the_owners_account_token_works_on_the_server(cloud: Cloud) -> None:
    """Nobody else's does."""
    for name, status in (("olivia", 200), ("henry", 401)):
        token = cloud.plex_tv.account_token(name)
        assert (await cloud.world.ask("/library/sections", token=token)).status == status


async def test_a_revoked_server_token_is_replaced(cloud: Cloud) -> None:
    """The new one is handed out."""
    old = cloud.world.server.token("henry")
    cloud.world.server.revoke_token("henry")
    assert (await cloud.world.ask("/library/sections", token=old)).status == 401
    new = (await cloud.ask("/api/v2/resources", "henry")).json[0]["accessToken"]
    assert (await cloud.world.ask("/library/sections", token=new)).status == 200


async def test_signing_out_everywhere(cloud: Cloud) -> None:
    """Ends the tokens of the account and those for servers."""
    account, server = cloud.plex_tv.account_token("henry"), cloud.world.server.token("henry")
    cloud.plex_tv.revoke_tokens("henry")
    assert (await cloud.ask("/api/v2/user", token=account)).status == 401
    assert (await cloud.world.ask("/library/sections", token=server)).status == 401
    assert (await cloud.ask("/api/v2/user", "olivia")).status == 200


async def test_the_home(cloud: Cloud) -> None:
    """Its admin and members, old and new way; the friend is alone at home."""
    home = (await cloud.ask("/api/v2/home/users", "Kim")).json
    assert [(each["title"], each["admin"], each["protected"], each["restricted"]) for each in home["users"]] == [
        ("Olivia Owner", True, False, False),
        ("Henry Home", False, True, False),
        ("Kim", False, False, True),
    ]
    assert home["users"][2]["username"] is None
    old = (await cloud.ask("/api/home/users", "henry")).root
    assert [row.attrib["id"] for row in old] == [str(each["id"]) for each in home["users"]]
    assert old[2].attrib["username"] == ""
    assert len((await cloud.ask("/api/v2/home/users", "frank")).json["users"]) == 1


async def test_switching_within_the_home(cloud: Cloud) -> None:
    """Members need the PIN of a protected user, the admin does not; a wrong one is refused to all."""
    users = cloud.world.server.users
    path = f"/api/v2/home/users/{users['henry'].account.uuid}/switch"
    for query, name, status in (("", "Kim", 403), ("?pin=9", "Kim", 403), ("?pin=9", "olivia", 403)):
        refused = await cloud.ask(f"{path}{query}", name, method="POST")
        assert refused.status == status
        assert refused.json["errors"][0]["code"] == 1041
    for query, name in (("?pin=1234", "Kim"), ("", "olivia")):
        switched = await cloud.ask(f"{path}{query}", name, method="POST")
        assert (switched.status, switched.json["username"]) == (201, "henry")
        assert (await cloud.ask("/api/v2/user", token=switched.json["authToken"])).json["title"] == "Henry Home"
    cloud.plex_tv.admin_needs_pin = True
    assert (await cloud.ask(path, "olivia", method="POST")).status == 403
    old = await cloud.ask(f"/api/home/users/{users['Kim'].user_id}/switch", "olivia", method="POST")
    token = old.root.attrib["authenticationToken"]
    assert (await cloud.ask("/api/v2/resources", token=token)).json[0]["accessToken"] == cloud.world.server.token("Kim")
    assert (await cloud.ask(path, "frank", method="POST")).status == 404


async def test_too_many_requests(cloud: Cloud) -> None:
    """Switching is limited by the minute; anything can be answered 429."""
    cloud.plex_tv.switches_per_minute = 1
    path = f"/api/v2/home/users/{cloud.world.server.users['Kim'].account.uuid}/switch"
    assert (await cloud.ask(path, method="POST")).status == 201
    refused = await cloud.ask(path, method="POST")
    assert (refused.status, "Retry-After" in refused.headers) == (429, False)
    cloud.plex_tv.clock.advance(60)
    assert (await cloud.ask(path, method="POST")).status == 201
    cloud.plex_tv.faults.add("GET /api/v2/user", Status(429))
    assert (await cloud.ask("/api/v2/user")).status == 429


async def test_everybodys_tokens_are_for_the_owner(cloud: Cloud) -> None:
    """Managed users have no name there; sections tell what is shared; others do not get the list."""
    server = cloud.world.server
    path = f"/api/servers/{server.machine_id}/shared_servers"
    rows = (await cloud.ask(path)).root
    assert [(row.attrib["username"], row.attrib["accessToken"]) for row in rows] == [
        ("henry", server.token("henry")),
        ("", server.token("Kim")),
        ("frank", server.token("frank")),
    ]
    shared = {row.attrib["title"]: row.attrib["shared"] for row in rows[2]}
    assert shared == {"Films": "1", "Shows": "0", "Films 4K": "0"}
    assert (await cloud.ask(path, "henry")).status == 404
    people = (await cloud.ask("/api/users/")).root
    assert [(row.attrib["title"], row.attrib["home"]) for row in people] == [
        ("henry", "1"),
        ("Kim", "1"),
        ("frank", "0"),
    ]


async def test_the_same_person_on_two_servers(cloud: Cloud) -> None:
    """A friend there, the owner here: two tokens and two user ids of one account."""
    second = PlexMediaServer(name="Cellar", clock=cloud.plex_tv.clock)
    second.add_user("frank")
    second.add_user("olivia", role=PlexRole.FRIEND)
    await second.start()
    try:
        cloud.plex_tv.publish(second)
        rows = [each for each in (await cloud.ask("/api/v2/resources", "frank")).json if each["provides"] == "server"]
        assert [(row["name"], row["owned"]) for row in rows] == [("Attic", False), ("Cellar", True)]
        assert len({row["accessToken"] for row in rows}) == 2
        assert second.users["frank"].user_id == "1"
        assert cloud.world.server.users["frank"].user_id == str(second.users["frank"].account.account_id)
    finally:
        await second.stop()


async def test_plexapi_understands_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs in, lists users and servers, connects, and finds the tokens of others."""
    server, url = cloud.world.server, cloud.plex_tv.url
    for name in ("key", "HOMEUSERS", "FRIENDINVITE"):
        monkeypatch.setattr(MyPlexAccount, name, getattr(MyPlexAccount, name).replace("https://plex.tv", url))
    for name in ("MyPlexUser", "MyPlexResource"):
        key = f"plexapi.myplex.{name}.key"
        kind = {"MyPlexUser": "/api/users/", "MyPlexResource": "/api/v2/resources?includeHttps=1"}[name]
        monkeypatch.setattr(key, f"{url}{kind}")

    def read() -> None:
        session, token = Session(), cloud.plex_tv.account_token("olivia")
        account: Any = MyPlexAccount(token=token, session=session)  # type: ignore[no-untyped-call]
        assert (account.username, account.homeSize) == ("olivia", 3)
        assert [(user.title, user.restricted) for user in account.users()] == [
            ("henry", "0"),
            ("Kim", "1"),
            ("frank", "0"),
        ]
        assert account.user("Kim").get_token(server.machine_id) == server.token("Kim")
        (resource,) = [each for each in account.resources() if each.provides == "server"]
        plex = resource.connect(ssl=False)
        assert (plex.friendlyName, resource.accessToken) == ("Attic", server.token("olivia"))
        switched = account.switchHomeUser("henry", pin="1234")
        assert switched.resources()[0].accessToken == server.token("henry")
        session.close()
        SECRETS.discard("1234")  # plexapi puts the PIN into the address, which urllib3 logs; the integration does not

    await asyncio.to_thread(read)
