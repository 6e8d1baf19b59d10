"""Tell me about unresolved titles: each one once, after its time, in words."""

from html import escape
import re
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from markdown_it import MarkdownIt
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.resume_sync.labels import OutsideText
from custom_components.resume_sync.sync.model import Reason
from tests.components.household import MINUTE, Household
from tests.components.test_labels import HOSTILE, signs
from tests.simulators.library import Film

from .conftest import ROOT, Automate

DAY = 24 * 3600
GARDEN = Film("garden", "Garden {{ 1 }} 'Party'", 2024, 60 * MINUTE)
LAKE = Film("lake", "A Day at the Lake", 2023, 30 * MINUTE, {"imdb": "tt7654321"})
TELL: dict[str, Any] = {
    "event": "told",
    "event_data": {"count": "{{ count }}", "titles": "{{ titles }}", "message": "{{ message }}"},
}


@pytest.fixture
async def pair(home: Household) -> Household:
    """A pair with a film in progress that Emby does not have, since noon; a second one on the shelf."""
    for film in (GARDEN, LAKE):
        home.server("jellyfin").add_film(film)
    home.leave("jellyfin", "garden", 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    return home


def notifications(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what is told in Home Assistant's notifications."""
    return [dict(one) for one in hass.data.get(persistent_notification.DOMAIN, {}).values()]


async def test_it_is_told_by_a_notification(hass: HomeAssistant, pair: Household, automate: Automate) -> None:
    """At six, as the title is old enough then; the day after there is nothing new."""
    await async_setup_component(hass, persistent_notification.DOMAIN, {})
    await automate("unresolved_titles", patience=5)
    await pair.wait(5 * 3600)
    assert notifications(hass) == []
    await pair.wait(3600)

    (told,) = notifications(hass)
    assert told["title"] == "Titles without a counterpart: 1"
    line = "Garden {{ 1 }} 'Party' (Jellyfin (Anna) → Emby (Anna)): it has no external id"
    assert told["message"] == f"- {OutsideText(line).markdown}"
    persistent_notification.async_dismiss_all(hass)
    for _ in range(2):
        await pair.wait(DAY)
    assert notifications(hass) == []


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_title_in_a_notification_is_text(
    hass: HomeAssistant, home: Household, automate: Automate, hostile: str
) -> None:
    """Home Assistant makes Markdown of its notifications: a title stays what it is there, one line of a list."""
    await async_setup_component(hass, persistent_notification.DOMAIN, {})
    for number, title in enumerate((hostile, "Two")):
        home.server("jellyfin").add_film(Film(f"bad-{number}", title, 2024, 60 * MINUTE))
        home.leave("jellyfin", f"bad-{number}", 20)
    home.add_account("jellyfin", home.pair("emby"))
    home.add_account("emby")
    await home.setup()
    await home.next_round()
    await automate("unresolved_titles", patience=0)
    await home.wait(6 * 3600)

    (told,) = notifications(hass)
    html = MarkdownIt().render(told["message"])
    assert set(re.findall(r"<(\w+)", html)) == {"ul", "li"}
    assert html.count("<li>") == 2
    assert escape(" ".join(hostile.split())) in html
    assert all(signs(line.removeprefix("- ")) == [] for line in told["message"].splitlines())


async def test_each_title_is_told_once(hass: HomeAssistant, pair: Household, automate: Automate) -> None:
    """On the first day that it is old enough, which need not be the day on which it appears."""
    told = async_capture_events(hass, "told")
    await automate("unresolved_titles", time="12:30:00", patience=24, tell=[TELL])
    await pair.wait(1800)
    assert told == []

    pair.leave("jellyfin", "lake", 10)
    await pair.next_round()
    await pair.wait(DAY - 600)
    assert [event.data["titles"] for event in told] == [
        ["Garden {{ 1 }} 'Party' (Jellyfin (Anna) → Emby (Anna)): it has no external id"]
    ]
    await pair.wait(DAY)
    assert [event.data["titles"] for event in told[1:]] == [
        ["A Day at the Lake (Jellyfin (Anna) → Emby (Anna)): not found there, or hidden from that user"]
    ]
    assert [event.data["count"] for event in told] == [1, 1]
    await pair.wait(DAY)
    assert len(told) == 2


async def test_a_title_that_is_found_meanwhile_is_not_told(
    hass: HomeAssistant, pair: Household, automate: Automate
) -> None:
    """The server has fetched what it knows of it; its position arrives instead."""
    told = async_capture_events(hass, "told")
    await automate("unresolved_titles", patience=0, pairs=[pair.device_id("pair-emby")], tell=[TELL])
    pair.leave("jellyfin", "lake", 10)
    await pair.next_round()
    assert pair.state("sensor.with_emby_unresolved") == "2"
    pair.server("emby").add_film(LAKE)
    await hass.services.async_call("resume_sync", "sync", {"full": True}, blocking=True)
    await pair.wait(6 * 3600)

    assert [event.data["count"] for event in told] == [1]
    assert "Lake" not in told[0].data["message"]
    assert pair.position("emby", "lake") == 10


async def test_every_reason_has_words() -> None:
    """No title is told with a code, or breaks the automation."""
    text = (ROOT / "blueprints/automation/resume_sync/unresolved_titles.yaml").read_text(encoding="utf-8")
    for reason in (Reason.NO_IDS, Reason.NOT_FOUND, Reason.AMBIGUOUS, Reason.GONE):
        assert f"\n        {reason}: " in text
