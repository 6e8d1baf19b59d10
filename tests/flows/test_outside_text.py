"""Names and titles that somebody outside has chosen: whatever they hold, dialogs, repairs and notifications show it."""

import ast
from collections.abc import Iterator
from html import unescape
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from markdown_it import MarkdownIt
import pytest

from custom_components.resume_sync.labels import OutsideText, placeholders
from tests.components.test_labels import HOSTILE
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.plex.accounts import PlexRole
from tests.simulators.plex.server import PlexMediaServer

from .dialog import add_account
from .network import announce
from .test_translations import LANGUAGES, texts
from .texts import is_markdown, leaves, placeholders as named

PACKAGE = Path(__file__).parents[2] / "custom_components" / "resume_sync"
DIALOGS: Final = ("config", "config_subentries", "options", "issues")
NAME: Final = HOSTILE[0]

# Numbers, and addresses and codes of our own.
OURS: Final = {"count", "left", "to_left", "to_right", "cleared", "waiting", "left_alone", "unresolved", "url"}


def dialog_texts(language: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a dialog or a repair that is filled with something, with its path."""
    for top in DIALOGS:
        for path, text in leaves(texts(language)[top], (top,)):
            # Home Assistant fills it by itself, and shows it as it is.
            if named(text) and path != ("config", "flow_title"):
                yield path, text


def rendered(text: str) -> str:
    """Return a text as HTML, with all that the frontend's Markdown knows and this parser has."""
    html: str = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    return html


def tags(html: str) -> list[str]:
    """Return the tags of some HTML, in order."""
    return re.findall(r"<(\w+)", html)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_each_text_takes_what_is_fit_for_its_place(language: str) -> None:
    """What explains is Markdown and takes text that was made harmless; titles, labels and errors take it as it is."""
    assert len(list(dialog_texts(language))) > 40
    for path, text in dialog_texts(language):
        outside = named(text) - OURS
        plain = {name for name in outside if name.endswith("_plain")}
        assert plain == (set() if is_markdown(path) else outside), path


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_each_text_survives_hostile_names(language: str, hostile: str) -> None:
    """Filled with anything, it is made of the same as when it is filled with a word, and reads as it was written."""
    for path, text in dialog_texts(language):
        if not is_markdown(path):
            continue
        harmless, hostile_ = (
            rendered(text.format(**placeholders(dict.fromkeys(named(text), OutsideText(name)))))
            for name in ("word", hostile)
        )
        assert tags(hostile_) == tags(harmless), path
        assert " ".join(hostile.split()) in unescape(re.sub(r"<[^>]*>", "", hostile_)), path


def test_placeholders_are_made_in_one_way() -> None:
    """No dialog and no repair is filled with anything but what `placeholders` has made."""
    modules = [*PACKAGE.glob("flows/*.py"), *PACKAGE.glob("issues/*.py"), PACKAGE / "config_flow.py"]
    found = [
        (path.name, ast.unparse(keyword.value))
        for path in modules
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg in ("description_placeholders", "translation_placeholders")
    ]
    assert len(found) > 20
    assert [one for one in found if not one[1].startswith("placeholders(")] == []


def test_markdown_is_made_in_one_place() -> None:
    """Nobody declares a text to be harmless."""
    made = {
        path.name
        for path in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Markdown"
    }
    assert made == {"labels.py"}


def value(step: Any, name: str) -> tuple[str, str]:
    """Return what a step gives for Markdown, and what it gives for everything else."""
    given = step["description_placeholders"]
    return given[name], given[f"{name}_plain"]


async def test_the_name_of_a_server_and_of_its_users(hass: HomeAssistant, socket_enabled: None) -> None:
    """On each step of the way, for a server that calls itself something bad and a user who does."""
    server = SimulatedJellyfin(name=NAME)
    server.add_user(NAME, "secret")
    expected = OutsideText(NAME).markdown, NAME
    await server.start()
    try:
        dialog = await add_account(hass, "jellyfin")
        await dialog.submit(url=server.url, verify_ssl=True)
        assert value(dialog.step, "server") == expected
        await dialog.choose("password")
        assert value(dialog.step, "server") == expected
        step = await dialog.submit(username=NAME, password="secret")
        assert step["result"].title == f"Jellyfin ({NAME})"
    finally:
        await server.stop()


async def test_the_name_of_an_announced_server(hass: HomeAssistant, plex: PlexMediaServer) -> None:
    """Anybody in the network can announce one."""
    plex.add_user(NAME, role=PlexRole.FRIEND)
    dialog = await announce(hass, plex.port, name=NAME)
    assert value(dialog.step, "server") == (OutsideText(NAME).markdown, NAME)
