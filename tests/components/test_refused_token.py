"""A token that a server refuses for a while: somebody is asked to sign in, until the same token is good again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.resume_sync.account.refused_token import PAUSES_MS, AccountToken
from custom_components.resume_sync.const import DOMAIN
from tests.simulators.faults import RevokedToken, Status, Tampered
from tests.simulators.library import Catalogue
from tests.simulators.mediabrowser.server import MediaBrowserServer
from tests.simulators.plex.server import PlexMediaServer
from tests.simulators.proxy import SIGN_INS

from .household import FILMS, MINUTE, USER, Household
from .plex_account import add_plex_account, plex_server

ROUND_MINUTES = 5
NOON = 1_795_262_400 // 60
EMPTY = Status(401)
PAGE = Status(
    401,
    "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>",
    "text/html",
)

type AnyServer = MediaBrowserServer | PlexMediaServer


def requests_to_sign_in(hass: HomeAssistant) -> list[str]:
    """Return the accounts that somebody is asked to sign in to, by dialogs and by repairs, which have to agree."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    asked = sorted(flow["context"]["entry_id"] for flow in flows if flow["context"]["source"] == SOURCE_REAUTH)
    issues = [issue for _, issue in ir.async_get(hass).issues if issue.startswith("config_entry_reauth")]
    assert sorted(issues) == [f"config_entry_reauth_{DOMAIN}_{entry_id}" for entry_id in asked]
    return asked


@dataclass(slots=True)
class Refusing:
    """An account whose server can refuse every token, paired with one on another server."""

    home: Household
    server: AnyServer
    entry: ConfigEntry
    answer: Status
    peer: str

    def entry_state(self) -> ConfigEntryState:
        """Return the state of the account's entry."""
        state: ConfigEntryState = self.entry.state
        return state

    @property
    def status(self) -> str:
        """How the pair is."""
        return self.home.state(f"sensor.with_{self.peer}_status")

    def refuse(self) -> None:
        """Refuse everything from now on, tokens or none."""
        self.server.faults.add("*", self.answer, times=None)

    def accept(self) -> None:
        """Accept good tokens again."""
        self.server.faults.clear()

    async def rounds(self, minutes: int) -> int:
        """Let rounds pass, and return how many requests the server got."""
        self.server.traffic.reset()
        for _ in range(minutes // ROUND_MINUTES):
            await self.home.next_round()
        return self.server.traffic.requests()

    def leave(self, minutes: int) -> None:
        """Let Anna have stopped on the other server just now."""
        self.home.leave(self.peer, "film-2", minutes, ago=60)

    def carried(self) -> int:
        """Return the minute at which that title stands on this server."""
        (item_id,) = self.server.items_of("film-2")
        return self.server.watch_state(USER, item_id).position_ms // MINUTE


def _home_user() -> PlexMediaServer:
    """Return a server that belongs to Olga, with Anna in her Home."""
    server = PlexMediaServer(name="Den")
    server.add_user("Olga")
    server.add_user(USER)
    server.fill(Catalogue(FILMS, ()))
    return server


@pytest.fixture(params=["jellyfin", "emby", "plex owner", "plex Home user"])
async def refusing(request: pytest.FixtureRequest, hass: HomeAssistant, home: Household) -> AsyncIterator[Refusing]:
    """An account on each kind of server, in sync with one on a Jellyfin."""
    if not request.param.startswith("plex"):
        peer = "attic"
        entry = home.add_account(request.param, home.pair(peer))
        home.add_account(peer)
        await home.setup()
        await home.next_round()
        yield Refusing(home, home.server(request.param), entry, EMPTY, peer)
        return
    plex = plex_server() if request.param == "plex owner" else _home_user()
    await plex.start()
    entry = add_plex_account(home, plex, home.pair("jellyfin"))
    if request.param == "plex Home user":
        user_id = str(plex.users[USER].account.account_id)
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "user_id": user_id}, unique_id=f"{plex.machine_id}_{user_id}"
        )
    home.add_account("jellyfin")
    await hass.config_entries.async_setup("entry-plex")
    await home.settle()
    await home.next_round()
    yield Refusing(home, plex, entry, PAGE, "jellyfin")
    await hass.config_entries.async_unload("entry-plex")
    await plex.stop()


async def test_forty_minutes(hass: HomeAssistant, refusing: Refusing) -> None:
    """Asked to sign in once, tried after 15 and 30 minutes; then the pair goes on, and nobody is asked any more."""
    assert refusing.status == "in_sync"
    refusing.refuse()
    await refusing.rounds(5)
    assert refusing.status == "failed"
    assert requests_to_sign_in(hass) == [refusing.entry.entry_id]
    refusing.leave(21)
    assert await refusing.rounds(10) == 0
    assert await refusing.rounds(5) > 0
    assert await refusing.rounds(25) == 0
    refusing.accept()
    assert requests_to_sign_in(hass) == [refusing.entry.entry_id]
    assert refusing.status == "failed"

    await refusing.rounds(5)

    assert requests_to_sign_in(hass) == []
    assert refusing.status == "in_sync"
    assert refusing.carried() == 21
    assert refusing.entry_state() is ConfigEntryState.LOADED


async def test_it_is_tried_less_and_less_often(refusing: Refusing) -> None:
    """After 15 minutes, 30 minutes, an hour; each time with no more requests than it takes to confirm that."""
    refusing.refuse()
    await refusing.rounds(5)
    for minutes in (15, 30, 60):
        assert await refusing.rounds(minutes - ROUND_MINUTES) == 0, minutes
        assert 1 <= await refusing.rounds(ROUND_MINUTES) <= 4, minutes


async def test_a_sync_by_hand_succeeds(hass: HomeAssistant, refusing: Refusing) -> None:
    """It asks the server at once, and withdraws the request to sign in as well."""
    refusing.refuse()
    await refusing.rounds(5)
    with pytest.raises(HomeAssistantError, match="refuses the saved sign-in"):
        await hass.services.async_call(DOMAIN, "sync", blocking=True)
    assert await refusing.rounds(10) == 0
    assert await refusing.rounds(5) > 0, "the sync by hand has not put the next try off"
    refusing.accept()
    refusing.leave(33)
    await refusing.home.wait(1)

    await hass.services.async_call(DOMAIN, "sync", blocking=True)

    assert requests_to_sign_in(hass) == []
    assert refusing.carried() == 33
    await refusing.rounds(5)
    assert refusing.status == "in_sync"


async def test_home_assistant_starts_meanwhile(hass: HomeAssistant, refusing: Refusing) -> None:
    """An account that could not be set up is set up once its token is good again."""
    refusing.refuse()
    await hass.config_entries.async_reload(refusing.entry.entry_id)
    await refusing.home.settle()
    assert refusing.entry_state() is ConfigEntryState.SETUP_ERROR
    assert requests_to_sign_in(hass) == [refusing.entry.entry_id]
    assert await refusing.rounds(10) == 0
    assert await refusing.rounds(5) > 0
    assert refusing.entry_state() is ConfigEntryState.SETUP_ERROR
    assert await refusing.rounds(25) == 0
    refusing.accept()
    refusing.leave(21)

    await refusing.rounds(10)

    assert refusing.entry_state() is ConfigEntryState.LOADED
    assert requests_to_sign_in(hass) == []
    assert refusing.status == "in_sync"
    assert refusing.carried() == 21


async def test_nobody_watches(hass: HomeAssistant, refusing: Refusing) -> None:
    """An account without a pair is tried again as well."""
    hass.config_entries.async_remove_subentry(refusing.entry, next(iter(refusing.entry.subentries)))
    await refusing.home.settle()
    refusing.refuse()
    await refusing.rounds(5)
    assert requests_to_sign_in(hass) == [refusing.entry.entry_id]
    refusing.accept()

    await refusing.rounds(15)

    assert requests_to_sign_in(hass) == []


async def test_one_refusal_is_none(hass: HomeAssistant, refusing: Refusing) -> None:
    """The server is asked a second time before anybody else is."""
    refusing.server.faults.add("*", refusing.answer)
    await refusing.rounds(5)

    assert requests_to_sign_in(hass) == []
    assert refusing.status == "in_sync"


async def test_a_proxy_asks_for_a_sign_in(hass: HomeAssistant, refusing: Refusing) -> None:
    """The token is not to blame: the pair waits, nobody is asked to sign in, and every round asks again."""
    refusing.server.faults.add("*", Status(401, authenticate="Basic realm=restricted"), times=None)
    await refusing.rounds(5)

    assert requests_to_sign_in(hass) == []
    assert refusing.status == "waiting"
    error = refusing.entry.runtime_data.account.last_exception
    assert "asks for a sign-in of its own" in str(error)

    refusing.accept()
    await refusing.rounds(5)
    assert refusing.status == "in_sync"


@pytest.mark.parametrize("sign_in", SIGN_INS)
async def test_an_account_is_set_up_behind_a_proxy(hass: HomeAssistant, home: Household, sign_in: str) -> None:
    """Set-up is tried again, as after an outage."""

    def refused(answer: web.Response) -> web.Response:
        """Answer in the place of the server."""
        return SIGN_INS[sign_in](None)  # type: ignore[arg-type]  # none of them looks at the request

    home.server("emby").faults.add("*", Tampered(refused), times=None)
    entry = home.add_account("emby")
    await home.setup()

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "asks for a sign-in of its own" in (entry.reason or "")
    assert requests_to_sign_in(hass) == []


async def _remove(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove an account."""
    await hass.config_entries.async_remove(entry.entry_id)


async def _disable(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Disable an account."""
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)


@pytest.mark.parametrize("end", [_remove, _disable])
async def test_an_account_that_nobody_wants_any_more(
    hass: HomeAssistant, home: Household, end: Callable[[HomeAssistant, ConfigEntry], Awaitable[None]]
) -> None:
    """It is not set up again, and its server is left alone."""
    entry = home.add_account("emby")
    home.server("emby").accounts.tokens.clear()
    await home.setup()
    assert entry.state is ConfigEntryState.SETUP_ERROR

    await end(hass, entry)
    home.reset_traffic()
    await home.wait(3600)

    assert home.server("emby").traffic.requests() == 0


async def test_somebody_signs_in_meanwhile(hass: HomeAssistant, home: Household) -> None:
    """The new token starts with a clean slate, set up or not."""
    entry = home.add_account("emby")
    home.server("emby").accounts.tokens.clear()
    await home.setup()
    await home.wait(15 * 60)
    await home.wait(30 * 60)
    token = home.server("emby").add_token(USER, "device-new")
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": token})
    await hass.config_entries.async_reload(entry.entry_id)
    await home.settle()
    assert entry.state is ConfigEntryState.LOADED
    home.reset_traffic()
    home.server("emby").faults.add("*", RevokedToken())
    await home.next_round()
    assert home.server("emby").traffic.requests() == 2

    home.reset_traffic()
    for _ in range(2):
        await home.next_round()
    assert home.server("emby").traffic.requests() == 0
    await home.next_round()
    assert home.server("emby").traffic.requests() == 2


async def test_a_refusal_while_writing_is_not_asked_about_every_quarter(hass: HomeAssistant, home: Household) -> None:
    """A server that lets a token read and not write is tried with growing pauses too: reading well proves little."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    emby = home.server("emby")
    emby.faults.add("POST *", EMPTY, times=None)
    tried: list[int] = []
    for minute in range(0, 120, ROUND_MINUTES):
        before = emby.traffic.requests("POST /Users/{user}/Items/{item}/UserData")
        await home.next_round()
        if emby.traffic.requests("POST /Users/{user}/Items/{item}/UserData") > before:
            tried.append(minute)
        assert not tried or requests_to_sign_in(hass) == ["entry-emby"]

    assert tried == [0, 15, 45, 105]


def test_the_longest_pause_is_six_hours(hass: HomeAssistant, home: Household) -> None:
    """And once a token was good for as long as that, it starts with a quarter of an hour again."""
    token, minute = AccountToken(hass, home.add_account("emby")), NOON

    def refused_again_after() -> int:
        """Refuse the token until it does not rest any more; return how many minutes that took."""
        nonlocal minute
        token.async_refused(minute * MINUTE)
        began = minute
        while token.rests(minute * MINUTE):
            minute += ROUND_MINUTES
        return minute - began

    assert [refused_again_after() for _ in range(8)] == [15, 30, 60, 120, 240, 360, 360, 360]
    token.async_accepted(minute * MINUTE)
    minute += 359
    assert refused_again_after() == 360
    token.async_accepted(minute * MINUTE)
    minute += 360
    assert refused_again_after() == 15


def test_a_clock_that_was_set_back(hass: HomeAssistant, home: Household) -> None:
    """A token rests for as long as it should by the clock, and not until the clock has caught up."""
    token = AccountToken(hass, home.add_account("emby"))
    token.async_refused(PAUSES_MS[-1])

    assert token.rests(PAUSES_MS[-1] + 1)
    assert not token.rests(PAUSES_MS[-1] + PAUSES_MS[0])
    assert not token.rests(PAUSES_MS[-1] - PAUSES_MS[1])
