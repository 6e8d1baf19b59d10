"""The other languages say what English says: every text, every placeholder, nothing left untranslated."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.resume_sync.const import DOMAIN

from .family import family_at_home
from .texts import ENGLISH, leaves, read

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations"
NAMES = {"Resume Sync", "Plex", "Jellyfin", "Emby", "Plex Media Server", "Quick Connect"}
SAME_WORDS = {
    "de": {"PIN", "Person", "Position", "Problem", "Server", "Status", "Token"},
    "es": {"PIN", "Token"},
    "fr": {"Position", "positions"},
    "nl": {"Account", "Accounts", "Item", "Posters", "Server", "Status", "Token"},
}
LANGUAGES = sorted(SAME_WORDS)


def texts(language: str) -> Any:
    """Return all texts of a language."""
    return json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))


def by_key(language: str) -> dict[tuple[str, ...], str]:
    """Return the texts of a language by their paths."""
    return dict(leaves(texts(language)))


def placeholders(text: str) -> list[str]:
    """Return the placeholders of a text."""
    return sorted(re.findall(r"\{\w+\}", text))


def marks(text: str) -> list[str]:
    """Return how the lines of a text begin: as paragraphs, headings, lists or rows of a table."""
    return [line[:1] if line[:1] in "#-|" else "" for line in text.splitlines()]


def test_languages() -> None:
    """Nothing is there that no test looks at."""
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(["en", *LANGUAGES])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_texts(language: str) -> None:
    """No text is missing, none is left over."""
    assert by_key(language).keys() == dict(leaves(ENGLISH)).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_placeholders_and_marks(language: str) -> None:
    """Each text holds what English does: placeholders, and what Markdown makes of it."""
    translated = by_key(language)
    for key, english in leaves(ENGLISH):
        assert placeholders(translated[key]) == placeholders(english), key
        assert marks(translated[key]) == marks(english), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    """Only names, placeholders and words that the language shares are the same, and all of these still occur."""
    english = dict(leaves(ENGLISH))
    same = {text for key, text in by_key(language).items() if text == english[key]}
    same = {text for text in same if re.sub(r"\{\w+\}", "", text)}
    assert same == NAMES | SAME_WORDS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_well_formed(language: str) -> None:
    """They end as sentences where English does, and hold no address."""
    translated = by_key(language)
    for key, english in leaves(ENGLISH):
        text = translated[key]
        assert text == text.strip(), key
        assert text, key
        assert "http" not in text.casefold(), key
        assert not english.endswith((".", "!", "?")) or text.endswith((".", "!", "?")), key


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_actions_are_called_by_their_names(language: str) -> None:
    """Repairs name the actions as Home Assistant shows them."""
    told = texts(language)
    for issue, step, action in (("first_sync", "confirm", "preview"), ("unresolved_titles", "match", "map_item")):
        text = told["issues"][issue]["fix_flow"]["step"][step]["description"]
        assert f"*Resume Sync: {told['services'][action]['name']}*" in text, issue


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
async def test_home_assistant_shows_them(hass: HomeAssistant, language: str) -> None:
    """Home Assistant finds the texts of every language."""
    loaded = await async_get_translations(hass, language, "config", [DOMAIN])
    expected = texts(language)["config"]["step"]["plex_user"]["title"]

    assert loaded[f"component.{DOMAIN}.config.step.plex_user.title"] == expected


async def test_reasons_come_in_the_language_of_the_home(hass: HomeAssistant, plex_tv: Any) -> None:
    """Who cannot be added is told why in the language that Home Assistant is set to."""
    hass.config.language = "de"
    async with family_at_home(hass, plex_tv) as family:
        dialog = await family.at_plex_users()
        await dialog.submit(user=[family.plex_id("Anna"), family.plex_id("Kid")])
        await dialog.submit()

    told = read(dialog.step["description_placeholders"])["left_out"]
    assert told == f"- Anna: {texts('de')['config']['error']['no_pin']}"
