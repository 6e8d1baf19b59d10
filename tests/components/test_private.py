"""Private accounts: titles for their person and administrators only, in no entity and in no event."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, State
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.resume_sync.actions.rights import Caller
from custom_components.resume_sync.const import DOMAIN

from .household import HOME_MOVIE, Household
from .people import administrator, ordinary_user, persons

SHELF = "sensor.{}_anna_continue_watching"
PROGRESS = "event.with_emby_progress"
HIDDEN = {"title": None, "media_type": None, "position": None, "percent": None}


async def keep_private(home: Household, *names: str, person: str | None = "anna") -> None:
    """Make accounts private."""
    options: dict[str, Any] = {"private": True} | ({} if person is None else {"person": person})
    for name in names:
        home.hass.config_entries.async_update_entry(home.entries[name], options=options)
    await home.settle()


@pytest.fixture
async def pair(home: Household) -> Household:
    """Two accounts with a pair, one film in sync, and one title without a counterpart."""
    home.server("jellyfin").add_film(HOME_MOVIE)
    home.leave("jellyfin", HOME_MOVIE.key, 10)
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


def states(home: Household) -> str:
    """Return all that everybody can read in Home Assistant."""
    return str([state.as_dict() for state in home.hass.states.async_all()])


async def test_no_entity_names_a_title(pair: Household) -> None:
    """Neither the list of the account, nor those of its pairs, nor their last event; numbers stay."""
    assert "Film 1" in states(pair)
    assert "Garden Party" in states(pair)
    await keep_private(pair, "jellyfin", "emby")

    assert "Film 1" not in states(pair)
    assert "Garden Party" not in states(pair)
    for name, count in (("jellyfin", "2"), ("emby", "1")):
        assert pair.state(SHELF.format(name)) == count
        assert pair.attributes(SHELF.format(name))["private"] is True
    assert pair.state("sensor.with_emby_unresolved") == "1"


@pytest.mark.parametrize(("name", "other"), [("jellyfin", "emby"), ("emby", "jellyfin")])
async def test_a_pair_is_as_private_as_its_more_private_side(pair: Household, name: str, other: str) -> None:
    """Whichever of its accounts holds it, and from the moment on that somebody wants it so."""
    before = pair.attributes(PROGRESS)
    assert before["title"] is not None
    await keep_private(pair, name)

    assert {key: pair.attributes(PROGRESS)[key] for key in HIDDEN} == HIDDEN
    assert pair.attributes(PROGRESS)["event_type"] == before["event_type"]
    assert "items" not in pair.attributes("sensor.with_emby_unresolved")
    assert "items" not in pair.attributes(SHELF.format(name))
    assert pair.attributes(SHELF.format(other))["items"] != []


async def test_events_of_a_private_pair_tell_no_title(pair: Household) -> None:
    """They tell that something went from here to there."""
    await keep_private(pair, "emby")
    events: list[Event[EventStateChangedData]] = async_capture_events(pair.hass, "state_changed")
    pair.leave("jellyfin", "film-2", 21, ago=1)
    await pair.next_round()

    told = [event.data["new_state"] for event in events if event.data["entity_id"] == PROGRESS]
    assert pair.position("emby", "film-2") == 21
    assert [(state.attributes["source"], state.attributes["target"]) for state in told if state] == [
        ("Jellyfin (Anna)", "Emby (Anna)")
    ]
    assert "Film 2" not in str(told)
    await keep_private(pair, "emby", person=None)
    pair.hass.config_entries.async_update_entry(pair.entries["emby"], options={})
    await pair.settle()
    assert "Film 2" not in str(pair.attributes(PROGRESS)), "what was private when it happened stays so"


async def test_nothing_private_outlives_a_restart(hass: HomeAssistant, home: Household) -> None:
    """Home Assistant brings back the last event, without its title where that is private by now."""
    told = {"event_type": "updated", "title": "Film 1", "media_type": "movie", "position": 60, "percent": 1}
    last = State(PROGRESS, "2026-11-21T11:00:00.000+00:00").as_dict() | {"attributes": {}}
    extra = {"last_event_type": "updated", "last_event_attributes": told | {"source": "A", "target": "B"}}
    row = {"state": last, "extra_data": extra, "last_seen": dt_util.utcnow().isoformat()}
    home.storage[restore_state.STORAGE_KEY] = {"version": restore_state.STORAGE_VERSION, "data": [row]}
    restored = restore_state.async_get(hass)
    await restored.async_load()
    entry = home.add_account("jellyfin", home.pair("emby"))
    hass.config_entries.async_update_entry(entry, options={"private": True})
    home.add_account("emby")
    await home.setup()
    # The pair is available from a run on that found both accounts.
    await home.next_round()

    assert pytest.approx({**HIDDEN, "source": "A"}) == {
        key: home.attributes(PROGRESS)[key] for key in (*HIDDEN, "source")
    }
    await restored.async_dump_states()
    (event,) = (
        kept for kept in home.storage[restore_state.STORAGE_KEY]["data"] if kept["state"]["entity_id"] == PROGRESS
    )
    assert event["extra_data"]["last_event_attributes"]["source"] == "A"
    assert "Film 1" not in str(event)


async def answers(home: Household, user: User, action: str) -> Any:
    """Return what an action answers to somebody who asks for all pairs."""
    context = Context(user_id=user.id)
    return await home.hass.services.async_call(DOMAIN, action, {}, True, context, return_response=True)


async def test_a_person_who_is_gone_or_without_a_user_sees_nothing(pair: Household) -> None:
    """Then it is for administrators only, also for somebody of the same name."""
    anna = await ordinary_user(pair.hass, "Anna")
    await persons(pair.hass, Anna=anna, Ghost=None)
    await keep_private(pair, "jellyfin")
    assert "Film 1" in str(await answers(pair, anna, "preview"))

    await keep_private(pair, "jellyfin", person="ghost")
    with pytest.raises(Unauthorized):
        await answers(pair, anna, "preview")
    await keep_private(pair, "jellyfin", person=None)
    with pytest.raises(Unauthorized):
        await answers(pair, anna, "preview")
    await keep_private(pair, "jellyfin")
    assert "Film 1" in str(await answers(pair, anna, "preview"))
    er.async_get(pair.hass).async_remove("person.anna")
    await pair.settle()
    with pytest.raises(Unauthorized):
        await answers(pair, anna, "preview")
    assert "Film 1" in str(await answers(pair, await administrator(pair.hass), "preview"))


async def test_pairs_of_others_are_left_out(home: Household) -> None:
    """Whoever asks for all pairs gets those that may be seen, or is refused where there is none."""
    home.leave("jellyfin", "film-1", 42)
    home.add_account("jellyfin", home.pair("emby"), home.pair("attic"))
    home.add_account("emby")
    home.add_account("attic")
    await home.setup()
    ben = await ordinary_user(home.hass)
    await keep_private(home, "attic")

    for action in ("preview", "get_unresolved", "get_tombstones"):
        assert [row["name"] for row in (await answers(home, ben, action))["pairs"]] == ["with emby"]
    synced = {row["name"]: row for row in (await answers(home, ben, "sync"))["pairs"]}
    assert [row["title"] for row in synced["with emby"]["items"]] == ["Film 1"]
    assert (synced["with attic"]["updated"], synced["with attic"]["items"]) == (1, [])
    await keep_private(home, "jellyfin")
    with pytest.raises(Unauthorized):
        await answers(home, ben, "get_unresolved")


@pytest.mark.parametrize(("direction", "allowed"), [("to_peer", True), ("from_peer", False), ("two_way", False)])
async def test_a_person_decides_where_only_theirs_is_written(home: Household, direction: str, allowed: bool) -> None:
    """A pair that writes to somebody else's account is not theirs to map in."""
    entry = home.add_account("jellyfin", home.pair("emby", direction=direction))
    peer = home.add_account("emby")
    await home.setup()
    anna = await ordinary_user(home.hass, "Anna")
    await persons(home.hass, Anna=anna)
    home.hass.config_entries.async_update_entry(peer, options={"person": "anna"})
    await home.settle()

    asked = Caller(home.hass, anna)
    assert asked.may_decide_in(entry, entry.subentries["pair-emby"]) is allowed
    assert (asked.may_decide([peer]), asked.may_decide([entry])) == (True, False)
    assert (asked.may_find_items(peer), asked.may_find_items(entry)) == (True, False)


async def test_nobody_in_particular_sees_what_is_not_private_and_does_nothing(pair: Household) -> None:
    """As an assistant that does not know who speaks."""
    entry, peer = pair.entries["jellyfin"], pair.entries["emby"]
    subentry = entry.subentries["pair-emby"]
    nobody = Caller(pair.hass, None)
    assert nobody.may_see_account(entry)
    assert nobody.may_see_pair(entry, subentry)
    assert not nobody.may_sync(subentry)
    assert not nobody.may_decide_in(entry, subentry)
    assert not nobody.may_find_items(entry)
    assert not nobody.may_administer

    await keep_private(pair, "emby")
    assert nobody.may_see_account(entry)
    assert not nobody.may_see_account(peer)
    assert not nobody.may_see_pair(entry, subentry)


async def test_a_pair_whose_other_account_is_gone_is_for_administrators(pair: Household) -> None:
    """Nobody knows any more whether that one was private."""
    ben = await ordinary_user(pair.hass)
    entry = pair.entries["jellyfin"]
    assert Caller(pair.hass, ben).may_see_pair(entry, entry.subentries["pair-emby"])
    await pair.hass.config_entries.async_remove(pair.entries["emby"].entry_id)
    await pair.settle()

    assert not Caller(pair.hass, ben).may_see_pair(entry, entry.subentries["pair-emby"])
    assert Caller(pair.hass, ben).may_read_pair(entry.subentries["pair-emby"])
    assert "items" not in pair.attributes("sensor.with_emby_unresolved")
