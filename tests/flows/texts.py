"""What the frontend looks up in the translations to show one step of a flow."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import SelectSelector

from custom_components.resume_sync.labels import Markdown

ENGLISH: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "custom_components/resume_sync/translations/en.json").read_text(encoding="utf-8")
)

ACCOUNT = ("config",)
PAIR = ("config_subentries", "pair")
OPTIONS = ("options",)

type Texts = Mapping[str, Any]


def look_up(path: tuple[str, ...]) -> Any:
    """Return the text or the texts at a path, None where there are none."""
    found: Any = ENGLISH
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def is_markdown(path: tuple[str, ...]) -> bool:
    """Tell whether the frontend makes Markdown of a text: of what explains, not of titles, labels and errors."""
    if {"data_description", "abort", "progress", "create_entry"}.intersection(path):
        return True
    return path[-1] == "description" and "sections" not in path


def problems(flow: tuple[str, ...], result: Mapping[str, Any]) -> list[str]:
    """Return everything that the frontend could not show of a step, and every placeholder left without a value."""
    return [*_missing(flow, result), *_unfilled(flow, result), *_unchecked(flow, result)]


def _missing(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of texts that a step needs and that do not exist."""
    for path in _needed(flow, result):
        if not isinstance(look_up(path), str):
            yield f"no text: {'.'.join(path)}"


def _needed(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all texts that a step needs."""
    step = (*flow, "step", result.get("step_id", ""))
    match result["type"]:
        case FlowResultType.ABORT if result.get("translation_domain") is None:
            yield (*flow, "abort", result["reason"])
        case FlowResultType.CREATE_ENTRY if result.get("description") is not None:
            yield (*flow, "create_entry", result["description"])
        case FlowResultType.SHOW_PROGRESS:
            yield (*step, "title")
            yield (*flow, "progress", result["progress_action"])
        case FlowResultType.MENU:
            yield (*step, "title")
            yield from ((*step, "menu_options", option) for option in result["menu_options"])
        case FlowResultType.FORM:
            yield (*step, "title")
            yield from ((*flow, "error", error) for error in (result["errors"] or {}).values())
            yield from _fields(step, result["data_schema"].schema)


def _fields(step: tuple[str, ...], schema: Mapping[Any, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the texts of some fields: label, description, sections and options."""
    for marker, field in schema.items():
        name = str(marker)
        if isinstance(field, section):
            yield (*step, "sections", name, "name")
            yield from _fields((*step, "sections", name), field.schema.schema)
            continue
        yield (*step, "data", name)
        yield (*step, "data_description", name)
        if isinstance(field, SelectSelector) and (key := field.config.get("translation_key")):
            # Others bring their label along.
            own = (option for option in field.config["options"] if isinstance(option, str))
            yield from (("selector", key, "options", option) for option in own)


def _unfilled(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the placeholders of a step's texts that the step does not fill."""
    given = result.get("description_placeholders") or {}
    for path, text in shown(flow, result):
        for placeholder in placeholders(text) - set(given):
            yield f"no value for {{{placeholder}}} in {'.'.join(path)}"


def _unchecked(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the values of a step that end up in Markdown, and of which nobody has seen to it that they are harmless."""
    given = result.get("description_placeholders") or {}
    for path, text in shown(flow, result):
        for name in placeholders(text).intersection(given):
            if is_markdown(path) and not isinstance(given[name], Markdown):
                yield f"{{{name}}} of {'.'.join(path)} may be anything: {given[name]!r}"


def read(given: Mapping[str, str] | None) -> dict[str, str]:
    """Return what people read of the values that were given for Markdown: signs without the backslashes before them."""
    return {
        name: re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", value)
        for name, value in (given or {}).items()
        if not name.endswith("_plain")
    }


def placeholders(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return set(re.findall(r"\{(\w+)\}", text))


def shown(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text that a step may show, with its path."""
    for path in _needed(flow, result):
        if isinstance(text := look_up(path), str):
            yield path, text
    if result["type"] in (FlowResultType.FORM, FlowResultType.MENU):
        step = (*flow, "step", result["step_id"])
        yield from leaves(look_up(step), step)


def leaves(texts: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text with its path."""
    if isinstance(texts, str):
        yield path, texts
        return
    for key, value in texts.items():
        yield from leaves(value, (*path, key))
