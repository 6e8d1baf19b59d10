"""The events of a pair: what came of each sync, and what happened to each title."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.resume_sync.const import DOMAIN
from custom_components.resume_sync.event import ProgressEventEntity, SyncEventEntity
from custom_components.resume_sync.pair.outcome import RunOutcome
from custom_components.resume_sync.pair.run import RunRequest
from custom_components.resume_sync.sync.journal.edit import Edit
from custom_components.resume_sync.sync.model import Action, Item, MediaKind, Reason, Side
from custom_components.resume_sync.sync.plan.decision import Decision, Report
from custom_components.resume_sync.sync.run.runner import RunMode
from tests.simulators.faults import HtmlPage, IgnoredWrite
from tests.simulators.holdings import Entry
from tests.simulators.library import Film
from tests.simulators.state import Cause, WatchState

from .household import HOME_MOVIE, MINUTE, USER, Household

SYNC = "event.with_emby_sync"
PROGRESS = "event.with_emby_progress"

type Fired = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def fired(hass: HomeAssistant) -> Fired:
    """Return the attributes of each event that an entity has fired since it was last asked."""
    events: list[Event[EventStateChangedData]] = async_capture_events(hass, "state_changed")

    def since(entity_id: str) -> list[dict[str, Any]]:
        """Return and forget them."""
        mine = [event for event in events if event.data["entity_id"] == entity_id]
        for event in mine:
            events.remove(event)
        states = [event.data["new_state"] for event in mine]
        return [dict(state.attributes) for state in states if state and state.state not in ("unknown", "unavailable")]

    return since


def types(events: list[dict[str, Any]]) -> list[str]:
    """Return the types of events."""
    return [event["event_type"] for event in events]


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair, nothing in progress."""
    home.add_account("jellyfin", home.pair("emby", remove="source"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


async def test_a_sync_that_wrote(pair: Household, fired: Fired) -> None:
    """The run is told with its numbers, the title with where it came from."""
    pair.leave("jellyfin", "film-1", 42, ago=1)
    await pair.next_round()

    (sync,) = fired(SYNC)
    assert sync["event_type"] == "completed"
    assert {key: sync[key] for key in ("trigger", "updated", "cleared", "unresolved", "error")} == {
        "trigger": "automatic",
        "updated": 1,
        "cleared": 0,
        "unresolved": 0,
        "error": None,
    }
    assert isinstance(sync["duration"], float)
    (progress,) = fired(PROGRESS)
    assert progress["event_type"] == "updated"
    assert {key: progress[key] for key in ("title", "media_type", "position", "percent", "source", "target")} == {
        "title": "Film 1",
        "media_type": "movie",
        "position": 42 * 60,
        "percent": 42,
        "source": "Jellyfin (Anna)",
        "target": "Emby (Anna)",
    }


@pytest.mark.parametrize("name", ["jellyfin", "emby"])
async def test_a_write_that_took_more_than_the_position(
    pair: Household, fired: Fired, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Told beside the title, and as a warning without its name; on Jellyfin it is put back, on Emby it is not."""
    server, source = pair.server(name), "emby" if name == "jellyfin" else "jellyfin"
    item = pair.leave(name, "film-1", 10, ago=7200)
    server.set_state(USER, item, favorite=True, watched=True)
    pair.leave(source, "film-1", 42, ago=1)
    store, losing = server.store, [True]

    def lose(user_id: str, entry: Entry, state: WatchState, cause: Cause) -> None:
        """Store the next state without its mark and favourite."""
        store(user_id, entry, replace(state, favorite=False, watched=False) if losing.pop() else state, cause)
        losing.append(False)

    monkeypatch.setattr(server, "store", lose)
    await pair.next_round()

    assert types(fired(PROGRESS)) == ["disturbed", "updated"]
    state = server.watch_state(USER, item)
    assert (state.position_ms, state.favorite, state.watched) == (42 * MINUTE, *[name == "jellyfin"] * 2)
    (warning,) = (record.getMessage() for record in caplog.records if "something else" in record.getMessage())
    assert warning.startswith(f"{name.capitalize()} (Anna): writing positions took something else away")
    assert warning.endswith(f"titles: 1, of these put back: {int(name == 'jellyfin')}")
    assert "Film 1" not in warning
    await pair.next_round()
    assert fired(PROGRESS) == []
    assert caplog.text.count("something else") == 1


async def test_nothing_is_fired_where_nothing_happens(pair: Household, fired: Fired) -> None:
    """Neither by the first run, which only plans, nor by idle rounds."""
    for _ in range(3):
        await pair.next_round()

    assert fired(SYNC) == []
    assert fired(PROGRESS) == []


async def test_an_idle_sync_that_somebody_asked_for(hass: HomeAssistant, pair: Household, fired: Fired) -> None:
    """Whoever asks gets an answer; a preview is no sync."""
    await hass.services.async_call(DOMAIN, "preview", {}, blocking=True, return_response=True)
    assert fired(SYNC) == []

    await hass.services.async_call("button", "press", {"entity_id": "button.with_emby_sync_now"}, blocking=True)

    (sync,) = fired(SYNC)
    assert (sync["event_type"], sync["trigger"], sync["updated"]) == ("completed", "manual", 0)


async def test_runs_that_only_plan_are_no_syncs(hass: HomeAssistant, pair: Household, fired: Fired) -> None:
    """With automatic sync off nothing is completed."""
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.with_emby_automatic_sync"}, blocking=True
    )
    pair.leave("jellyfin", "film-1", 42, ago=1)
    await pair.next_round()

    assert pair.state("sensor.with_emby_pending") == "1"
    assert fired(SYNC) == []
    assert fired(PROGRESS) == []


async def test_an_outage_is_told_once(pair: Household, fired: Fired) -> None:
    """Skipped, not failed; told again when it comes again."""
    emby = pair.server("emby")
    port = emby.port
    for _ in range(2):
        await emby.stop()
        for _ in range(5):
            await pair.next_round()
        (sync,) = fired(SYNC)
        assert (sync["event_type"], sync["unresolved"]) == ("skipped", None)
        assert sync["error"].startswith("Emby (Anna) cannot be reached.")

        await emby.start(port)
        for _ in range(6):
            await pair.next_round()
        assert fired(SYNC) == []


async def test_a_failure_that_somebody_waits_for(hass: HomeAssistant, pair: Household, fired: Fired) -> None:
    """Told each time."""
    pair.server("emby").faults.add("GET /Users/{user}/Items", HtmlPage(), times=None)
    await pair.wait(1)
    for _ in range(2):
        with pytest.raises(Exception, match="cannot be right"):
            await hass.services.async_call(DOMAIN, "sync", {}, blocking=True)

    failed = fired(SYNC)
    assert types(failed) == ["failed", "failed"]
    assert "Emby (Anna) sent an answer that cannot be right" in failed[0]["error"]


async def test_a_write_that_does_not_take_is_told_once(pair: Household, fired: Fired) -> None:
    """Partial, also while another title goes through; not again while nothing has changed."""
    emby = pair.server("emby")
    (item_id,) = emby.items_of("film-1")
    emby.faults.add("POST /Users/{user}/Items/{item}/UserData", IgnoredWrite(), times=None)
    pair.leave("jellyfin", "film-1", 42, ago=1)
    for _ in range(3):
        await pair.next_round()

    sync = fired(SYNC)
    assert types(sync) == ["partial"], (sync, emby.traffic.table(), item_id)
    assert (sync[0]["updated"], sync[0]["error"]) == (0, None)
    assert fired(PROGRESS) == []


async def test_a_removal(pair: Household, fired: Fired) -> None:
    """The confirming run tells of it, not the run that noticed."""
    item_id = pair.leave("jellyfin", "film-1", 42, ago=1)
    await pair.next_round()
    fired(SYNC)
    fired(PROGRESS)

    pair.server("jellyfin").viewer(USER).clear(item_id)
    await pair.next_round()
    assert fired(SYNC) == []
    await pair.wait(62)

    (sync,) = fired(SYNC)
    assert (sync["event_type"], sync["updated"], sync["cleared"]) == ("completed", 0, 1)
    (progress,) = fired(PROGRESS)
    assert (progress["event_type"], progress["title"], progress["position"]) == ("cleared", "Film 1", 0)


async def test_a_conflict(pair: Household, fired: Fired) -> None:
    """Both sides were moved since the last sync: the later one won, and that is told."""
    pair.leave("jellyfin", "film-1", 42, ago=1)
    await pair.next_round()
    assert types(fired(PROGRESS)) == ["updated"]

    await pair.wait(60)
    pair.leave("jellyfin", "film-1", 50, ago=50)
    pair.leave("emby", "film-1", 60, ago=1)
    await pair.next_round()

    assert pair.position("jellyfin", "film-1") == 60
    (progress,) = fired(PROGRESS)
    assert (progress["event_type"], progress["position"]) == ("conflict", 3600)
    assert (progress["source"], progress["target"]) == ("Emby (Anna)", "Jellyfin (Anna)")


async def test_titles_that_are_newly_unresolved(pair: Household, fired: Fired) -> None:
    """Told once, as soon as they are found."""
    pair.server("emby").add_film(HOME_MOVIE)
    pair.leave("emby", HOME_MOVIE.key, 5, ago=1)
    for _ in range(3):
        await pair.next_round()

    (progress,) = fired(PROGRESS)
    assert (progress["event_type"], progress["title"]) == ("unresolved", "Garden Party")
    assert (progress["source"], progress["target"]) == ("Emby (Anna)", "Jellyfin (Anna)")
    assert fired(SYNC) == []


def told(pair: Household, decision: Decision) -> None:
    """Let an automatic run of the pair end with this decision about its only title."""
    coordinator = pair.entries["jellyfin"].runtime_data.pairs["pair-emby"]
    names = {Side.LEFT: "Jellyfin (Anna)", Side.RIGHT: "Emby (Anna)"}
    before = coordinator.data.report
    request = RunRequest(mode=RunMode.SYNC, not_before=0, automatic=True)
    report = Report((decision,), 0, 0, applied=True)
    coordinator.async_set_updated_data(replace(coordinator.data, report=report))
    outcome = RunOutcome(request=request, names=names, started_at=0, finished_at=0, report=report, before=before)
    coordinator._tell(outcome)  # noqa: SLF001


@pytest.mark.parametrize(
    ("action", "reason", "types_told"),
    [
        (Action.WRITE, Reason.PUT_BACK, ["put_back", "put_back"]),
        (Action.WAIT, Reason.STARTED_BEHIND, ["started_behind"]),
        (Action.WAIT, Reason.NOT_KEPT, []),
    ],
)
async def test_lost_positions_and_plays_that_started_behind(
    pair: Household, fired: Fired, action: Action, reason: Reason, types_told: list[str]
) -> None:
    """What was given back is told each time, a play that started behind once, where people may want to act."""
    film = Item("1", MediaKind.MOVIE, "Film 1", duration_ms=100 * MINUTE)
    edit = Edit(1, 1)
    decision = Decision("key", film, action, reason, Side.LEFT, "1", ("2",), 42 * MINUTE, 0, edit, edit)
    for _ in range(2):
        told(pair, decision)

    events = fired(PROGRESS)
    assert types(events) == types_told
    for event in events:
        assert (event["title"], event["position"], event["target"]) == ("Film 1", 42 * 60, "Emby (Anna)")


async def test_many_titles_at_once(hass: HomeAssistant, home: Household, fired: Fired) -> None:
    """Not more than fifty are told one by one."""
    for number in range(60):
        film = Film(f"more-{number}", f"More {number}", 2000, 100 * MINUTE, {"imdb": f"tt2{number:06}"})
        for name in ("jellyfin", "emby"):
            home.server(name).add_film(film)
        home.leave("jellyfin", film.key, 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    fired(PROGRESS)

    await hass.services.async_call(DOMAIN, "sync", {"approve": True}, blocking=True)
    await home.settle()

    (sync,) = fired(SYNC)
    assert sync["updated"] == 60
    assert len(fired(PROGRESS)) == 50


def test_what_is_recorded() -> None:
    """What a sync did in numbers; of a title only that it moved, from where to where."""
    assert SyncEventEntity._unrecorded_attributes == frozenset()  # noqa: SLF001
    assert ProgressEventEntity._unrecorded_attributes == {"title", "media_type", "position", "percent"}  # noqa: SLF001
