"""What the frontend looks up in the translations to show one step of a flow."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import SelectSelector

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


def problems(flow: tuple[str, ...], result: Mapping[str, Any]) -> list[str]:
    """Return everything that the frontend could not show of a step, and every placeholder left without a value."""
    return [*_missing(flow, result), *_unfilled(flow, result)]


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
            yield from (("selector", key, "options", str(option)) for option in field.config["options"])


def _unfilled(flow: tuple[str, ...], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the placeholders of a step's texts that the step does not fill."""
    given = result.get("description_placeholders") or {}
    texts = [look_up(path) for path in _needed(flow, result)]
    step = look_up((*flow, "step", result.get("step_id", "")))
    if result["type"] in (FlowResultType.FORM, FlowResultType.MENU) and step is not None:
        texts.append(json.dumps(step))
    for text in texts:
        for placeholder in set(re.findall(r"\{(\w+)\}", text or "")) - set(given):
            yield f"no value for {{{placeholder}}} in {result.get('step_id') or result.get('reason')}"
