"""What differs between Plex servers: routes that no document names, verbs, and tokens that run out."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.plex.small_world import AMELIE, HOUR, Attic, attic

PROGRESS = "/:/progress?identifier=com.plexapp.plugins.library&state=stopped&time=3600000&key="
SCROBBLE = "/:/scrobble?identifier=com.plexapp.plugins.library&key="


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[Attic]:
    """Give a server with an open port, four users and a few titles."""
    async with attic() as world:
        yield world


async def test_accounts_may_be_missing(world: Attic) -> None:
    """Then nobody gets them, and sessions alone tell the owner from others."""
    world.server.owner_routes.accounts_answered = False
    assert (await world.ask("/accounts")).status == 404
    assert (await world.ask("/accounts", token=world.server.token("henry"))).status == 404
    assert (await world.ask("/accounts", token="wrong")).status == 401
    assert (await world.ask("/status/sessions")).status == 200
    assert (await world.ask("/status/sessions", token=world.server.token("henry"))).status == 401


@pytest.mark.parametrize("refusal", [400, 404, 405])
async def test_a_server_may_insist_on_the_documented_verbs(world: Attic, refusal: int) -> None:
    """GET is refused where POST or PUT is documented; reading and the documented verb go on."""
    world.server.report_routes.get_refusal = refusal
    film = world.item(AMELIE)
    assert (await world.report(film, HOUR)).status == refusal
    assert (await world.ask(f"{PROGRESS}{film}")).status == refusal
    assert (await world.ask(f"{SCROBBLE}{film}")).status == refusal
    assert world.server.watch_state("olivia", film).position_ms == 0
    assert (await world.report(film, HOUR, method="POST")).status == 200
    assert world.server.watch_state("olivia", film).position_ms == HOUR
    assert (await world.ask(f"{SCROBBLE}{film}", method="PUT")).status == 200
    assert world.server.watch_state("olivia", film).watched
    assert (await world.ask("/library/sections")).status == 200


async def test_progress_may_be_missing(world: Attic) -> None:
    """No document names it; the timeline is there all the same."""
    world.server.report_routes.progress_refusal = 404
    film = world.item(AMELIE)
    for method in ("GET", "PUT"):
        assert (await world.ask(f"{PROGRESS}{film}", method=method)).status == 404
    await world.report(film, HOUR)
    assert world.server.watch_state("olivia", film).position_ms == HOUR


async def test_a_token_that_has_run_out(world: Attic) -> None:
    """It is 498, not 401, and no other user's concern."""
    world.server.expire_token("henry")
    for path in ("/library/sections", "/accounts"):
        assert (await world.ask(path, token=world.server.token("henry"))).status == 498
    assert (await world.ask("/library/sections")).status == 200
    world.server.revoke_token("henry")
    assert (await world.ask("/library/sections", token=world.server.token("henry"))).status == 200
