"""The cards and Python name the same things: entities, states, actions, reasons, commands, languages."""

import re

import pytest

from custom_components.resume_sync import binary_sensor, button, event, sensor, switch
from custom_components.resume_sync.const import DOMAIN, MODEL_ID_PAIR, MODEL_ID_SERVER
from custom_components.resume_sync.dashboard import websocket_api
from custom_components.resume_sync.entity import SHOWN_ITEMS
from custom_components.resume_sync.pair.status import PairStatus
from custom_components.resume_sync.sync.model import Action, Reason
from tests.repository.quality import markdown
from tests.repository.quality.integration import load

from .modules import FOLDER, SOURCES, keys, names, text, texts

ROOT = FOLDER.parents[1]
PLATFORMS = (binary_sensor, button, event, sensor, switch)
ACCOUNT = {binary_sensor.CONNECTED, binary_sensor.LIVE_UPDATES, sensor.IN_PROGRESS}
LANGUAGES = {"en", "de", "fr", "es", "nl"}
ENGLISH = load(ROOT, DOMAIN).texts


def descriptions() -> dict[str, list[str]]:
    """Return the translation keys of all entities by platform."""
    found: dict[str, list[str]] = {}
    for module in PLATFORMS:
        values = [one for value in vars(module).values() for one in (value if isinstance(value, tuple) else (value,))]
        keys_of = [str(one.translation_key) for one in values if type(one).__name__.endswith("EntityDescription")]
        found[module.__name__.rsplit(".", 1)[-1]] = keys_of
    return found


def test_entities() -> None:
    """Each entity has its key in the modules, and none is left of one that is gone."""
    accounts = {str(one.translation_key) for one in ACCOUNT}
    assert set(names("entities.ts", "ACCOUNT_KEYS")) == accounts
    pairs = {(platform, key) for platform, found in descriptions().items() for key in found if key not in accounts}
    shared = {f"{platform}.{key}" for platform, key in pairs if [each for _, each in pairs].count(key) > 1}
    assert set(names("entities.ts", "PAIR_SYNC_KEYS")) == shared
    assert set(names("entities.ts", "PAIR_KEYS")) == {key for _, key in pairs} - {one.split(".")[1] for one in shared}
    known = {*names("entities.ts", "PAIR_KEYS"), *shared}
    used = set(re.findall(r'#(?:state|entityName)\("([\w.]+)"', SOURCES["pair-card.ts"]))
    called = set(re.findall(r'#call\(.*, "([\w.]+)"\)', SOURCES["pair-card.ts"]))
    assert called == {"button.sync", "automatic"}
    assert {*names("pair-card.ts", "NUMBERS"), *used, *called} <= known
    of_dashboard = set(re.findall(r"(?<!\./)entities\.(\w+)", SOURCES["dashboard.ts"]))
    assert of_dashboard <= known | accounts


def test_states_and_actions_have_icons() -> None:
    """Each status and each action, in the order of Python's."""
    assert keys("entities.ts", "STATUS_ICONS") == [status.value for status in PairStatus]
    assert keys("entities.ts", "ACTION_ICONS") == [action.value for action in Action]


def test_reasons_and_actions_have_texts() -> None:
    """Home Assistant translates them; placeholders are those that the modules fill."""
    selectors = ENGLISH["selector"]
    assert set(selectors["reason"]["options"]) == {reason.value for reason in Reason}
    assert set(selectors["action"]["options"]) == {action.value for action in Action}
    given = set(re.findall(r"(\w+): row\.\w+", SOURCES["texts/index.ts"]))
    used = {name for one in selectors["reason"]["options"].values() for name in re.findall(r"\{(\w+)\}", one)}
    assert used == given == {"from", "to"}


def test_commands_domain_and_models() -> None:
    """What the cards subscribe to, and how they tell accounts from pairs."""
    assert text("entities.ts", "DOMAIN") == DOMAIN
    assert text("pair-card.ts", "SUBSCRIBE_PAIR") == websocket_api.SUBSCRIBE_PAIR
    assert text("progress-card.ts", "SUBSCRIBE_PROGRESS") == websocket_api.SUBSCRIBE_PROGRESS
    assert text("posters.ts", "SIGN_ARTWORK") == websocket_api.SIGN_ARTWORK
    assert f"const MOST_AT_ONCE = {websocket_api.MOST_SIGNED};" in SOURCES["posters.ts"]
    models = set(re.findall(r'_SIGN, "(\w+)"\)', SOURCES["entities.ts"]))
    models |= set(re.findall(r'model_id: "(\w+)"', SOURCES["pair-card.ts"] + SOURCES["progress-card.ts"]))
    assert models == {MODEL_ID_PAIR, MODEL_ID_SERVER}
    assert f"const MOST_TITLES = {SHOWN_ITEMS};" in SOURCES["pair-card.ts"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_languages(language: str) -> None:
    """Each language has each text, with the placeholders of the English one, and no text is unused."""
    found = texts()
    assert found.keys() == LANGUAGES
    assert found[language].keys() == found["en"].keys()
    for key, value in found[language].items():
        assert value.strip()
        assert sorted(re.findall(r"\{\w+\}", value)) == sorted(re.findall(r"\{\w+\}", found["en"][key])), key
    others = " ".join(source for name, source in SOURCES.items() if not name.startswith("texts/"))
    assert [key for key in found["en"] if not re.search(rf'"{key}"', others)] == []


def test_the_readme_tells_of_each_card_and_option() -> None:
    """With the bounds and the default that the modules have."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (table,) = markdown.tables(markdown.sections(readme)["Dashboard"])
    told = [(markdown.word(row["card"]).removeprefix("custom:"), markdown.word(row["option"])) for row in table]
    elements = re.findall(r'^  \["([\w-]+)", \w+Card\],$', SOURCES["index.ts"], re.MULTILINE)
    modules = dict(zip(elements, ("pair-card.ts", "progress-card.ts"), strict=True))
    options = [(tag, name) for tag in elements for name in re.findall(r'\{ name: "(\w+)"', SOURCES[modules[tag]])]
    assert told == options
    default = re.search(r"DEFAULT_TITLES = (\d+);", SOURCES["pair-card.ts"])
    assert default is not None
    assert f"from 0 to {SHOWN_ITEMS}. *Default: {default[1]}.*" in readme


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_titles_are_only_ever_text(module: str) -> None:
    """Nothing turns text into elements or code, and nothing is loaded from anywhere else."""
    source = SOURCES[module]
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "srcdoc",
        "unsafe",
    )
    assert [word for word in forbidden if word in source] == []
    imported = re.findall(r'(?:from|import\()\s*"([^"]+)"', source)
    assert all(path == "lit" or path.startswith(("./", "../", "lit/")) for path in imported)
    assert "http" not in source.replace("https://github.com/resume-sync/resume-sync#dashboard", "")
    assert len(source.splitlines()) <= 300
    assert source.startswith("// ")
