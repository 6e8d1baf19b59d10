"""README and docs say what the code does: every table is compared with the code in both directions."""

from collections.abc import Iterable
from pathlib import Path
import re
from typing import Any

from homeassistant.helpers.entity import EntityDescription
import pytest

from custom_components.resume_sync import binary_sensor, button, event, sensor, switch
from custom_components.resume_sync.const import DOMAIN, SCAN_INTERVAL
from custom_components.resume_sync.entity import SHOWN_ITEMS
from custom_components.resume_sync.pair.status import PairStatus
from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN
from custom_components.resume_sync.servers.plex.sign_in import MINIMUM_VERSION
from custom_components.resume_sync.sync.journal.edit import MOST_AT_ONCE
from custom_components.resume_sync.sync.model import Action, PairRules, Reason
from custom_components.resume_sync.sync.plan.brake import MOST_FIRST_CHANGES, MOST_REMOVALS, MOST_REPLACED
from tests.repository.quality import markdown
from tests.repository.quality.integration import load

ROOT = Path(__file__).parents[2]
INTEGRATION = load(ROOT, DOMAIN)
README, SETTINGS, ACTIONS, DECISIONS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/settings.md", "docs/actions.md", "docs/decisions.md")
)
DOCUMENTS = [ROOT / name for name in INTEGRATION.documents]
RAW = "https://raw.githubusercontent.com/resume-sync/resume-sync/main/"
PLATFORMS = (binary_sensor, button, event, sensor, switch)
PARTS_OF_SCRIPTS = {"environment.sh", "coverage_floors.py", "pins_of_home_assistant.py", "package.py"}


def rows(text: str, heading: str) -> list[markdown.Row]:
    """Return the rows of all tables below a heading."""
    return [row for table in markdown.tables(markdown.sections(text)[heading]) for row in table]


def keys(found: Iterable[markdown.Row], column: str) -> list[str]:
    """Return what the rows name in a column."""
    return [markdown.word(row[column]) for row in found]


def named(found: Iterable[markdown.Row]) -> list[tuple[str, str]]:
    """Return the keys of rows with the names that people see."""
    return sorted((markdown.word(row["key"]), row["name" if "name" in row else "field"]) for row in found)


def labels(*paths: str) -> list[tuple[str, str]]:
    """Return the fields of steps with their labels, sections included, each once."""
    found: set[tuple[str, str]] = set()
    for path in paths:
        step: Any = INTEGRATION.texts
        for key in path.split("/"):
            step = step[key]
        for part in (step, *step.get("sections", {}).values()):
            found |= set(part.get("data", {}).items())
    return sorted(found)


def test_entities() -> None:
    """Each entity with its name, and those that are off by default are told so."""
    table = [row for row in rows(README, "Entities") if "key" in row]
    texts = INTEGRATION.texts["entity"]
    assert sorted((markdown.word(row["platform"]), markdown.word(row["key"]), row["name"]) for row in table) == sorted(
        (platform, key, entity["name"]) for platform, entities in texts.items() for key, entity in entities.items()
    )
    constants = [value for module in PLATFORMS for value in vars(module).values()]
    descriptions = [one for each in constants for one in (each if isinstance(each, tuple) else (each,))]
    off = {
        one.key
        for one in descriptions
        if isinstance(one, EntityDescription) and not one.entity_registry_enabled_default
    }
    assert {markdown.word(row["key"]) for row in table if "Off by default" in row["what it tells"]} == off


def test_states_of_entities() -> None:
    """Each status with its name, each type of event, and what events carry."""
    table = [row for row in rows(README, "Entities") if "status" in row]
    states = INTEGRATION.texts["entity"]["sensor"]["status"]["state"]
    assert keys(table, "status") == [status.value for status in PairStatus]
    assert {markdown.word(row["status"]): row["name"] for row in table} == states

    (sync, progress) = (row for row in rows(README, "Entities") if row.get("platform") == "`event`")
    assert markdown.words(sync["what it tells"]) == [one.value for one in event.SyncEvent]
    assert markdown.words(progress["what it tells"]) == [one.value for one in event.ProgressEvent]
    told = " ".join(markdown.sections(README)["Entities"].split()).rpartition("The event *Sync* carries")[2]
    of_sync, _, of_progress = told.partition("event *Progress* carries")
    for key, text in (("sync", of_sync), ("progress", of_progress)):
        attributes = set(INTEGRATION.texts["entity"]["event"][key]["state_attributes"]) - {"event_type"}
        assert set(markdown.words(text)) - {"automatic", "manual"} == attributes, key


def test_actions() -> None:
    """Each action has a section under its name, with each of its fields, and a row in the README."""
    texts, services = INTEGRATION.texts["services"], INTEGRATION.services
    sections = markdown.sections(ACTIONS)
    headings = {f"{texts[key]['name']} (`{key}`)": key for key in services}
    assert sections.keys() == {"Actions", "Who may call what", *headings}
    for heading, key in headings.items():
        (table,) = markdown.tables(sections[heading])
        fields = services[key].get("fields", {})
        assert keys(table, "field") == list(fields), key
        required = [row["required"] for row in table]
        assert required == ["yes" if field.get("required") else "no" for field in fields.values()], key

    table = rows(README, "Actions")
    assert keys(table, "action") == [f"{DOMAIN}.{key}" for key in services]
    assert [markdown.words(row["fields"]) for row in table] == [list(each["fields"]) for each in services.values()]


def test_reasons() -> None:
    """Each reason of a decision is told once, below the action that it can come with."""
    found = {heading: rows(DECISIONS, heading) for heading in list(markdown.sections(DECISIONS))[1:]}
    told = [reason for table in found.values() for reason in keys(table, "reason")]
    assert sorted(told) == sorted(reason.value for reason in Reason)
    assert all(all(row.values()) for table in found.values() for row in table)

    sections = markdown.sections(DECISIONS)
    actions = [markdown.words(sections[heading])[0] for heading in found]
    assert actions == [action.value for action in Action]


def test_fields_of_the_dialogs() -> None:
    """Each field of each flow is told under its label, and none that does not exist."""
    account = [f"config/step/{step}" for step in INTEGRATION.texts["config"]["step"] if step != "reconfigure"]
    pair = "config_subentries/pair/step/"
    assert named(rows(SETTINGS, "Adding an account")) == labels(*account)
    assert named(rows(SETTINGS, "Changing an account")) == labels("config/step/reconfigure")
    assert named(rows(SETTINGS, "Options of an account")) == labels("options/step/init")
    assert named(rows(SETTINGS, "Adding a pair")) == labels(f"{pair}user", f"{pair}reconfigure")
    assert named(rows(SETTINGS, "Rules of a pair")) == labels(f"{pair}rules")
    assert named(rows(SETTINGS, "Preview")) == labels(f"{pair}preview")


def test_defaults_and_choices_of_a_pair() -> None:
    """They are those of the rules, under the names that the forms show."""
    table = [*rows(SETTINGS, "Adding a pair"), *rows(SETTINGS, "Rules of a pair")]
    told = {markdown.word(row["key"]): markdown.word(row["default"]) for row in table if row["default"]}
    rules = PairRules()
    assert told == {
        "direction": rules.direction.value,
        "add": str(rules.add).lower(),
        "remove": rules.remove.value,
        "hide_on_plex": str(rules.hide_on_plex).lower(),
        "min_seconds": str(rules.min_seconds),
        "delta_seconds": str(rules.delta_seconds),
        "max_percent": str(rules.max_percent),
    }
    for row in table:
        options = INTEGRATION.texts["selector"].get(markdown.word(row["key"]), {}).get("options", {})
        assert set(re.findall(r"\*([^*]+)\*", row["what to enter"])) == set(options.values()), row["key"]


def test_names_in_the_reasons() -> None:
    """What stands in italics is what Home Assistant calls a field, a choice or an action."""
    texts = INTEGRATION.texts
    selectors = [label for one in texts["selector"].values() for label in one["options"].values()]
    fields = [label for _, label in labels("config_subentries/pair/step/rules")]
    known = {*selectors, *fields, *(one["name"] for one in texts["services"].values()), "Mirror"}
    known |= {"Preview", "Pending", "Source", "target", "Fix match", "Identify", "Settings → System → Repairs"}
    assert set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", DECISIONS)) <= known


def test_repairs() -> None:
    """Each repair is told."""
    table = [row for row in rows(README, "Troubleshooting") if "repair" in row]
    assert sorted(keys(table, "repair")) == sorted(INTEGRATION.texts["issues"])


def test_versions() -> None:
    """The oldest versions are those that the clients accept, and Home Assistant's that of HACS."""
    told = {row["server"]: row["versions"] for row in rows(README, "Servers")}
    oldest = {"Plex Media Server": MINIMUM_VERSION, "Jellyfin": JELLYFIN.oldest, "Emby": EMBY.oldest}
    assert told == {name: f"{major}.{minor} and later" for name, (major, minor) in oldest.items()}
    major, minor, _ = str(INTEGRATION.hacs["homeassistant"]).split(".")
    assert README.count(f"Home Assistant {major}.{minor} or later") == 2
    assert f"/badge/Home%20Assistant-{major}.{minor}%2B-" in README
    clears = {row["server"]: row["clear"].startswith("yes") for row in rows(README, "Servers")}
    assert clears == {"Plex Media Server": False, "Jellyfin": True, "Emby": True}


def test_numbers() -> None:
    """How much waits for approval, how often it runs and how much is shown are what the code says."""
    readme = " ".join(README.split())
    for text in (readme, SETTINGS, DECISIONS):
        assert set(re.findall(r"more than (\d+) titles", text)) == {str(MOST_FIRST_CHANGES)}
    assert (MOST_REMOVALS, MOST_REPLACED, MOST_AT_ONCE) == (10, 15, 5)
    assert "Within a day, more than ten removals and a quarter of the shelf; more than fifteen positions" in readme
    assert "more than half of what was in progress, or more than five titles," in readme
    assert SCAN_INTERVAL.total_seconds() == 300
    assert "every five minutes" in readme
    assert f"has the {SHOWN_ITEMS} played last" in readme
    assert f"the first {SHOWN_ITEMS}, with the reason" in readme
    assert f"up to {event.MOST_TITLES} of a run" in readme


def test_scripts_and_requirements() -> None:
    """Each script is told and exists, the two that count stand on the first screen, and each package has its reason."""
    table = [markdown.word(row["command"]).split()[0] for row in rows(README, "Contributing") if "command" in row]
    for row in rows(README, "Contributing")[: len(table)]:
        options = {option.split()[0] for option in markdown.words(row["what it does"]) if option.startswith("--")}
        script = ROOT / markdown.word(row["command"]).split()[0]
        program = ROOT / "tests" / script.name / "__main__.py"
        text = "".join(path.read_text(encoding="utf-8") for path in (program, script) if path.exists())
        assert all(re.search(rf"{option}\b", text) for option in options), options
    there = {f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir() if path.is_file()}
    assert set(table) == there - {f"scripts/{name}" for name in PARTS_OF_SCRIPTS}
    assert set(re.findall(r"scripts/\w+", README)) <= there
    first_screen = "\n".join(README.splitlines()[:15])
    assert {"scripts/demo", "scripts/test"} <= set(re.findall(r"scripts/\w+", first_screen))
    packages = [row for row in rows(README, "Contributing") if "package at run time" in row]
    wanted = [re.split(r"[<>=~!]", one)[0] for one in INTEGRATION.manifest["requirements"]]
    assert [row["package at run time"].partition("]")[0].strip("[") for row in packages] == wanted


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_paths(document: Path) -> None:
    """What a link or an image points to is there, and so is each path that is named."""
    text = document.read_text(encoding="utf-8")
    for link in markdown.links(text):
        address, _, anchor = link.removeprefix(RAW).partition("#")
        if address.startswith("https://"):
            continue
        target = (ROOT if link.startswith(RAW) else document.parent) / address if address else document
        assert target.exists(), link
        assert not anchor or anchor in markdown.anchors(target.read_text(encoding="utf-8")), link
    for path in re.findall(r"`((?:sync|servers|tests|docs|scripts)/[\w./]*)`", text):
        assert (ROOT / path).exists() or (ROOT / "custom_components" / DOMAIN / path).exists(), path
