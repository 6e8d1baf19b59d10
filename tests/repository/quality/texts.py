"""Texts, icons and code name the same things: nothing in the code without a text, no text without code."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .integration import (
    Constants,
    Integration,
    Json,
    ancestors,
    called,
    calls,
    classes,
    family,
    keyword,
    named_texts,
    text_of,
    texts_of,
)

FLOWS = {
    ("config",): "ConfigFlow",
    ("config_subentries", "pair"): "ConfigSubentryFlow",
    ("options",): "OptionsFlow",
}
MADE_BY_HOME_ASSISTANT = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "_async_abort_entries_match": "already_configured",
}
FIELDS = ("Required", "Optional")


def _both(what: str, needed: Iterable[str], given: Iterable[str]) -> Iterator[str]:
    """Yield what has no text, and the texts of what is not there."""
    needed, given = set(needed), set(given)
    yield from (f"no text: {what}.{key}" for key in sorted(needed - given))
    yield from (f"unused text: {what}.{key}" for key in sorted(given - needed))


def _at(texts: Json, path: Iterable[str]) -> Json:
    """Return the texts below a path."""
    found: Any = texts
    for key in path:
        found = found.get(key, {})
    return found if isinstance(found, Mapping) else {}


def step_problems(integration: Integration) -> list[str]:
    """Return steps of flows without texts, and texts of steps that no flow has."""
    found = []
    for path, root in FLOWS.items():
        flows = family(root, integration.modules)
        texts = _at(integration.texts, path)
        methods = {getattr(node, "name", "") for flow in flows for node in flow.body}
        steps = texts.get("step", {})
        shown = _shown(flows, integration.constants)
        name = ".".join(path)
        found += [f"no text: {name}.step.{step}" for step in sorted(shown["step_id"] - steps.keys())]
        found += [f"unused text: {name}.step.{step}" for step in steps if f"async_step_{step}" not in methods]
        found += _both(f"{name}.progress", shown["progress_action"], texts.get("progress", {}))
    return found


def _shown(flows: Iterable[ast.ClassDef], constants: Constants) -> dict[str, set[str]]:
    """Return the steps and progresses that flows show; a step that only shows a progress has no texts of its own."""
    shown: dict[str, set[str]] = {"step_id": set(), "progress_action": set()}
    for call in calls(*flows):
        if called(call) in ("async_show_form", "async_show_menu"):
            shown["step_id"] |= texts_of(keyword(call, "step_id"), constants)
        shown["progress_action"] |= texts_of(keyword(call, "progress_action"), constants)
    return shown


def field_problems(integration: Integration) -> list[str]:
    """Return fields of forms without a label or a description, and those of fields that no form has."""
    found: list[str] = []
    labels: set[str] = set()
    for path in FLOWS:
        for step, texts in _at(integration.texts, path).get("step", {}).items():
            for name, part in ((step, texts), *texts.get("sections", {}).items()):
                data = part.get("data", {}).keys()
                found += _both(f"{'.'.join(path)}.{name}.data_description", data, part.get("data_description", {}))
                labels |= data
    modules = {name: tree for name, tree in integration.modules.items() if _of_forms(name)}
    sections = {name for path in FLOWS for step in _steps(integration, path) for name in step.get("sections", {})}
    return found + list(_both("fields", fields(modules.values(), integration.constants) - sections, labels))


def _of_forms(module: str) -> bool:
    """Tell whether a module asks for something in the forms of the flows."""
    return module == "config_flow" or module.startswith("flows.")


def _of_actions(module: str) -> bool:
    """Tell whether a schema in a module is that of an action: neither of a form, a repair nor a websocket command."""
    return not _of_forms(module) and not module.startswith(("issues.", "dashboard."))


def _steps(integration: Integration, path: tuple[str, ...]) -> Iterable[Json]:
    """Return the texts of a flow's steps."""
    steps: Iterable[Json] = _at(integration.texts, path).get("step", {}).values()
    return steps


def fields(modules: Iterable[ast.Module], constants: Constants) -> set[str]:
    """Return the names of all fields in schemas."""
    markers = [call.args[0] for call in calls(*modules) if called(call) in FIELDS and call.args]
    return {text for marker in markers for text in texts_of(marker, constants)}


def answer_problems(integration: Integration) -> list[str]:
    """Return errors and ends of flows without texts, and texts of errors and ends that no flow has."""
    found = []
    constants, in_code = integration.constants, integration.all_texts
    all_errors: set[str] = set()
    for path, root in FLOWS.items():
        flows = family(root, integration.modules)
        name, texts = ".".join(path), _at(integration.texts, path)
        errors, aborts = texts.get("error", {}).keys(), texts.get("abort", {}).keys()
        all_errors |= errors | aborts
        found += [f"no text: {name}.error.{key}" for key in sorted(_errors(flows, constants) - errors)]
        found += [f"unused text: {name}.error.{key}" for key in sorted(errors - in_code)]
        found += [f"no text: {name}.abort.{key}" for key in sorted(_aborts(flows, constants) - aborts)]
        made = {text for call, text in MADE_BY_HOME_ASSISTANT.items() if call in _called(flows)}
        found += [f"unused text: {name}.abort.{key}" for key in sorted(aborts - _aborts(flows, constants) - made)]
    returned = _returned_errors(integration)
    return found + [f"no text: error.{key}" for key in sorted(returned - all_errors)]


def _called(flows: Iterable[ast.ClassDef]) -> set[str]:
    """Return the names of all that flows call."""
    return {called(call) for call in calls(*flows)}


def _aborts(flows: Iterable[ast.ClassDef], constants: Constants) -> set[str]:
    """Return why flows end early."""
    reasons = [keyword(call, "reason") for call in calls(*flows) if called(call) == "async_abort"]
    reasons += [call.args[0] for call in calls(*flows) if called(call) == "AbortFlow" and call.args]
    return {text for reason in reasons for text in texts_of(reason, constants)}


def _errors(flows: Iterable[ast.ClassDef], constants: Constants) -> set[str]:
    """Return the errors that flows put into `errors`."""
    values: list[ast.expr] = []
    for node in (node for flow in flows for node in ast.walk(flow)):
        if isinstance(node, ast.Assign) and any(_is_errors(target) for target in node.targets):
            values += node.value.values if isinstance(node.value, ast.Dict) else [node.value]
        elif isinstance(node, ast.Call) and isinstance(errors := keyword(node, "errors"), ast.Dict | ast.IfExp):
            sides = [errors.body, errors.orelse] if isinstance(errors, ast.IfExp) else [errors]
            values += [value for side in sides if isinstance(side, ast.Dict) for value in side.values]
    return {text for value in values for text in texts_of(value, constants)}


def _is_errors(target: ast.expr) -> bool:
    """Tell whether something is assigned to `errors` or into it."""
    target = target.value if isinstance(target, ast.Subscript) else target
    return isinstance(target, ast.Name) and target.id == "errors"


def _returned_errors(integration: Integration) -> set[str]:
    """Return the errors that functions of the flows return by name: `..._error`, `..._errors`, `error_key`."""
    found: set[str] = set()
    for name, tree in integration.modules.items():
        for node in tree.body if _of_forms(name) else ():
            if isinstance(node, ast.FunctionDef) and "error" in node.name:
                for line in ast.walk(node):
                    if isinstance(line, ast.Return):
                        values = line.value.values if isinstance(line.value, ast.Dict) else [line.value]
                        found |= {text for value in values for text in texts_of(value, integration.constants)}
    return found


def entity_problems(integration: Integration) -> list[str]:
    """Return entities without a name or an icon, and names and icons of entities that are not there."""
    found: list[str] = []
    texts, icons = integration.texts.get("entity", {}), integration.icons.get("entity", {})
    platforms = integration.platforms
    found += _both("entity", platforms.keys(), texts)
    for platform, tree in platforms.items():
        keys = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node).endswith("EntityDescription"):
                keys |= texts_of(keyword(node, "translation_key"), integration.constants)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_attr_translation_key":
                keys |= texts_of(node.value, integration.constants)
        named, drawn = texts.get(platform, {}), icons.get(platform, {})
        found += _both(f"entity.{platform}", keys, named)
        found += _both(f"icons.entity.{platform}", keys, drawn)
        for key in keys & named.keys() & drawn.keys():
            states = named[key].get("state", {"on": "", "off": ""}).keys()
            found += [f"icon of no state: {key}.{state}" for state in drawn[key].get("state", {}).keys() - states]
            if not named[key].get("name"):
                found.append(f"no text: entity.{platform}.{key}.name")
    return found


def service_problems(integration: Integration) -> list[str]:
    """Return actions and fields that code, `services.yaml`, texts and icons do not all have."""
    modules = [tree for name, tree in integration.modules.items() if _of_actions(name)]
    names = {value for tree in modules for name, value in named_texts(tree) if name.startswith("SERVICE_")}
    described, texts = integration.services, integration.texts.get("services", {})
    found = list(_both("services.yaml", names, described))
    found += _both("services", names, texts)
    found += _both("icons.services", names, integration.icons.get("services", {}))
    for name in described.keys() & texts.keys():
        given = (described[name] or {}).get("fields", {})
        found += _both(f"services.{name}.fields", given, texts[name].get("fields", {}))
        for key, text in ((name, texts[name]), *texts[name].get("fields", {}).items()):
            found += [
                f"no text: services.{name} {key} {part}" for part in ("name", "description") if not text.get(part)
            ]
    asked = fields(modules, integration.constants)
    return found + list(
        _both(
            "services.yaml fields", asked, {key for one in described.values() for key in (one or {}).get("fields", {})}
        )
    )


def exception_problems(integration: Integration) -> list[str]:
    """Return errors without a message, messages of no error, and errors with a text that cannot be translated."""
    known = classes(integration.modules)
    ours = {
        name
        for name in known
        if "HomeAssistantError" in ancestors(name, known) or "UpdateFailed" in ancestors(name, known)
    }
    texts = integration.texts.get("exceptions", {})
    needed: set[str] = set()
    found = []
    for name, tree in integration.modules.items():
        for call in calls(tree):
            if keyword(call, "translation_domain") is not None and "issue" not in called(call):
                needed |= texts_of(keyword(call, "translation_key"), integration.constants)
            elif called(call) in {*ours, "refused"} and call.args and isinstance(call.args[0], ast.Constant):
                needed |= texts_of(call.args[0], integration.constants)
            elif called(call) in (
                "HomeAssistantError",
                "ServiceValidationError",
                "UpdateFailed",
                "ConfigEntryAuthFailed",
            ):
                found.append(f"{name} raises {called(call)} without a translation")
    found += [f"no text: exceptions.{key}" for key in sorted(needed - texts.keys())]
    return found + [f"unused text: exceptions.{key}" for key in sorted(texts.keys() - integration.all_texts)]


def issue_problems(integration: Integration) -> list[str]:
    """Return repairs without texts, texts of no repair, and steps of their dialogs that one of both lacks."""
    texts = integration.texts.get("issues", {})
    names = {value for _, value in named_texts(integration.modules.get("issues.issues", ast.Module([], [])))}
    found = list(_both("issues", names, texts))
    flows = family("RepairsFlow", integration.modules)
    methods = {getattr(node, "name", "") for flow in flows for node in flow.body} | {"async_step_confirm"}
    dialogs = [text["fix_flow"] for text in texts.values() if "fix_flow" in text]
    steps = {step for dialog in dialogs for step in dialog.get("step", {})}
    aborts = {reason for dialog in dialogs for reason in dialog.get("abort", {})}
    found += [f"unused text: issues step {step}" for step in sorted(steps) if f"async_step_{step}" not in methods]
    found += [
        f"no text: issues step {step}" for step in sorted(_shown(flows, integration.constants)["step_id"] - steps)
    ]
    return found + list(_both("issues abort", _aborts(flows, integration.constants), aborts))


def other_problems(integration: Integration) -> list[str]:
    """Return texts of choices and of the system information that the code does not name."""
    in_code = integration.all_texts
    named = (*integration.texts.get("selector", {}), *_at(integration.texts, ("system_health", "info")))
    found = [f"unused text: {key}" for key in named if key not in in_code]
    for call in calls(*integration.modules.values()):
        if called(call) == "SelectSelectorConfig":
            key = text_of(keyword(call, "translation_key"), integration.constants)
            if key is not None and key not in integration.texts.get("selector", {}):
                found.append(f"no text: selector.{key}")
    return found


ALL = (
    step_problems,
    field_problems,
    answer_problems,
    entity_problems,
    service_problems,
    exception_problems,
    issue_problems,
    other_problems,
)
