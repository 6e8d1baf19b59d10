"""How the code of an integration has to be built: entities, actions, data, manifest."""

import ast
from collections.abc import Iterator, Mapping
import re
from typing import Any

from .integration import Integration, ancestors, bases, called, calls, classes

MANIFEST_KEYS = frozenset(
    """
    domain name after_dependencies bluetooth codeowners config_flow dependencies dhcp documentation homekit
    integration_type iot_class issue_tracker loggers mqtt requirements single_config_entry ssdp usb version zeroconf
    """.split()
)
MANIFEST_REQUIRED = ("domain", "name", "codeowners", "documentation", "iot_class", "issue_tracker", "version")
HACS_KEYS = frozenset(
    """
    content_in_root country filename hacs hide_default_branch homeassistant name persistent_directory zip_release
    """.split()
)
INTEGRATION_TYPES = ("device", "hub", "service")
IOT_CLASSES = ("local_polling", "local_push", "cloud_polling", "cloud_push", "calculated")
SUBSCRIPTIONS = re.compile(r"async_(add_listener|dispatcher_connect|track_\w+|listen(_once)?|at_started)$")


def manifest_problems(integration: Integration) -> list[str]:
    """Return what hassfest and HACS would refuse in the manifest."""
    manifest = integration.manifest
    keys = list(manifest)
    found = [f"unknown key {key}" for key in keys if key not in MANIFEST_KEYS]
    found += [f"no {key}" for key in MANIFEST_REQUIRED if not manifest.get(key)]
    if keys[:2] != ["domain", "name"] or keys[2:] != sorted(keys[2:]):
        found.append("keys are not in order: domain, name, then by the alphabet")
    if not re.fullmatch(r"\d+\.\d+\.\d+(b\d+|rc\d+)?", str(manifest.get("version"))):
        found.append("version is none")
    if manifest.get("integration_type") not in INTEGRATION_TYPES or manifest.get("iot_class") not in IOT_CLASSES:
        found.append("unknown type or class")
    if not all(str(owner).startswith("@") for owner in manifest.get("codeowners", ())):
        found.append("an owner without @")
    for key in ("documentation", "issue_tracker"):
        if not str(manifest.get(key)).startswith("https://") or "home-assistant.io" in str(manifest.get(key)):
            found.append(f"{key} is no address of this project")
    if not all(
        re.fullmatch(r"[A-Za-z0-9._-]+([=<>~!]=?[\w.,*<>=~!]+)", one) for one in manifest.get("requirements", ())
    ):
        found.append("a requirement without a version")
    return found


def hacs_problems(integration: Integration) -> list[str]:
    """Return what HACS would refuse in its file."""
    kinds: Mapping[str, type] = {
        "filename": str,
        "hacs": str,
        "hide_default_branch": bool,
        "homeassistant": str,
        "name": str,
        "zip_release": bool,
    }
    hacs = integration.hacs
    found = [f"unknown key {key}" for key in hacs if key not in HACS_KEYS]
    found += [
        f"{key} is no {kinds[key].__name__}" for key in hacs if key in kinds and not isinstance(hacs[key], kinds[key])
    ]
    if hacs.get("zip_release") and not str(hacs.get("filename")).endswith(".zip"):
        found.append("a zip without a filename")
    return found + ([] if hacs.get("name") else ["no name"])


def platform_problems(integration: Integration) -> list[str]:
    """Return platforms that do not say how many updates may run together, and entities without a proper name."""
    known = classes(integration.modules)
    found = []
    for platform, tree in integration.platforms.items():
        if not any(_assigns(node, "PARALLEL_UPDATES", int) for node in tree.body):
            found.append(f"{platform} has no PARALLEL_UPDATES")
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and any(base.endswith("Entity") for base in bases(node)):
                parents = [known[name] for name in ancestors(node.name, known) if name in known]
                if not any(_assigns(line, "_attr_has_entity_name", bool) for one in parents for line in one.body):
                    found.append(f"{node.name} has no _attr_has_entity_name")
    return found


def _assigns(node: ast.AST, name: str, kind: type) -> bool:
    """Tell whether a statement gives a name a number, or makes it true."""
    if not isinstance(node, ast.Assign) or [getattr(target, "id", "") for target in node.targets] != [name]:
        return False
    value: Any = getattr(node.value, "value", None)
    return type(value) is kind and (kind is int or bool(value))


def unique_id_problems(integration: Integration) -> list[str]:
    """Return the unique ids that repeat the name of the integration or of a platform."""
    words = {integration.domain, *integration.platforms}
    return [
        f"{name}: {ast.unparse(node.value)}"
        for name, tree in integration.modules.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(getattr(target, "attr", getattr(target, "id", "")) == "_attr_unique_id" for target in node.targets)
        and any(_says(part, words) for part in ast.walk(node.value))
    ]


def _says(node: ast.AST, words: set[str]) -> bool:
    """Tell whether an expression names the integration or a platform."""
    if isinstance(node, ast.Name):
        return node.id == "DOMAIN"
    return isinstance(node, ast.Constant) and any(
        re.search(rf"(?<![a-z]){word}(?![a-z])", str(node.value)) for word in words
    )


def data_problems(integration: Integration) -> list[str]:
    """Return where the integration keeps its data in `hass.data` by its own name; `runtime_data` is the place."""
    return [
        f"{name}: {ast.unparse(node)}"
        for name, tree in integration.modules.items()
        for node in ast.walk(tree)
        if _is_own_data(node, integration.domain)
    ]


def _is_own_data(node: ast.AST, domain: str) -> bool:
    """Tell whether an expression is `hass.data[DOMAIN]`, however it is spelt."""
    if isinstance(node, ast.Subscript):
        place, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        place, key = node.func.value, node.args[0]
    else:
        return False
    of_hass = isinstance(place, ast.Attribute) and place.attr == "data" and ast.unparse(place.value).endswith("hass")
    return of_hass and (getattr(key, "id", None) == "DOMAIN" or getattr(key, "value", None) == domain)


def subscription_problems(integration: Integration) -> list[str]:
    """Return the entities that subscribe to something before they are added."""
    known = classes(integration.modules)
    return [
        f"{node.name}: {called(call)}"
        for node in known.values()
        if any(name.endswith("Entity") for name in ancestors(node.name, known))
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
        for call in calls(method)
        if SUBSCRIPTIONS.match(called(call))
    ]


def action_problems(integration: Integration) -> list[str]:
    """Return what keeps actions from being there, with a clear error, while an account is not set up."""
    functions = {getattr(node, "name", ""): node for node in integration.modules["__init__"].body}
    found = []
    if not _registers(functions.get("async_setup")):
        found.append("async_setup registers no actions")
    found += [f"{name} registers actions" for name in ("async_setup_entry",) if _registers(functions.get(name))]
    return found


def _registers(node: ast.AST | None) -> bool:
    """Tell whether a function registers actions."""
    return node is not None and any(_is_registration(call) for call in calls(node))


def _is_registration(call: ast.Call) -> bool:
    """Tell whether a call registers actions."""
    return called(call) in ("async_setup_services", "async_register_admin_service") or (
        called(call) == "async_register" and "services" in ast.unparse(call.func)
    )


def icon_problems(integration: Integration) -> list[str]:
    """Return the icons that are none."""
    return [text for text in _leaves(integration.icons) if not re.fullmatch(r"mdi:[a-z0-9-]+", text)]


def _leaves(data: Any) -> Iterator[str]:
    """Yield all values."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from _leaves(value)
    else:
        yield str(data)
