"""Home Assistant's quality scale: its 54 rules, and what a claim to keep one needs."""

from collections.abc import Iterator
from typing import Any

from .integration import Integration, called, calls, family

RULES = frozenset(
    """
    action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
    dependency-transparency docs-actions docs-conditions docs-high-level-description docs-installation-instructions
    docs-removal-instructions docs-triggers entity-event-setup entity-unique-id has-entity-name runtime-data
    test-before-configure test-before-setup unique-config-entry
    action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters
    entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow test-coverage
    devices diagnostics discovery discovery-update-info docs-data-update docs-examples docs-known-limitations
    docs-supported-devices docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
    entity-category entity-device-class entity-disabled-by-default entity-translations exception-translations
    icon-translations reconfiguration-flow repair-issues stale-devices
    async-dependency inject-websession strict-typing
    """.split()
)
STATES = ("done", "exempt", "todo")
DISCOVERED_BY = ("zeroconf", "ssdp", "dhcp", "usb", "bluetooth", "homekit", "mqtt")


def rule(value: Any) -> tuple[str, str]:
    """Return the status and the comment of a rule, as the file has it: a word, or both."""
    if isinstance(value, dict):
        return str(value.get("status", "")), str(value.get("comment", "")).strip()
    return str(value), ""


def scale_problems(integration: Integration) -> list[str]:
    """Return what is wrong with the file itself: rules that are missing or unknown, states without a reason."""
    rules = integration.scale.get("rules", {})
    found = [f"no rule {name}" for name in sorted(RULES - rules.keys())]
    found += [f"unknown rule {name}" for name in sorted(rules.keys() - RULES)]
    for name, value in rules.items():
        status, comment = rule(value)
        if status not in STATES:
            found.append(f"{name} is {status}")
        if status in ("exempt", "todo") and not comment:
            found.append(f"{name} is {status} without a comment")
    return found


def claim_problems(integration: Integration) -> list[str]:
    """Return the rules that are called done although what they ask for is not there."""
    rules = {name: rule(value) for name, value in integration.scale.get("rules", {}).items()}
    done = {name: comment for name, (status, comment) in rules.items() if status == "done"}
    found = [problem for name, problem in _needs(integration) if name in done]
    for name, comment in done.items():
        if name.startswith("docs-") and not _is_written(integration, comment):
            found.append(f"{name}: no heading {comment or '(the comment names none)'}")
    return found


def _is_written(integration: Integration, comment: str) -> bool:
    """Tell whether a comment `README.md: Heading` names a heading that is there."""
    document, _, heading = comment.partition(": ")
    return heading in integration.documents.get(document, ())


def _needs(integration: Integration) -> Iterator[tuple[str, str]]:
    """Yield rules with what they lack."""
    functions = {
        getattr(node, "name", "")
        for tree in integration.modules.values()
        for node in tree.body
        if hasattr(node, "name")
    }
    steps = {getattr(node, "name", "") for flow in family("ConfigFlow", integration.modules) for node in flow.body}
    if integration.icon_sizes.get("icon.png") != (256, 256):
        yield "brands", "brands: no brand/icon.png of 256 x 256"
    if "async_get_config_entry_diagnostics" not in functions:
        yield "diagnostics", "diagnostics: none"
    if "async_unload_entry" not in functions:
        yield "config-entry-unloading", "config-entry-unloading: no async_unload_entry"
    if not any(called(call) == "async_create_issue" for call in calls(*integration.modules.values())):
        yield "repair-issues", "repair-issues: none is created"
    for name, step in (("reauthentication-flow", "reauth"), ("reconfiguration-flow", "reconfigure")):
        if f"async_step_{step}" not in steps:
            yield name, f"{name}: no async_step_{step}"
    if not any(way in integration.manifest and f"async_step_{way}" in steps for way in DISCOVERED_BY):
        yield "discovery", "discovery: no way in the manifest that has a step"
        yield "discovery-update-info", "discovery-update-info: nothing is discovered"
    if not integration.manifest.get("codeowners"):
        yield "integration-owner", "integration-owner: none"
    if not {"coordinator", "entity"} <= integration.modules.keys():
        yield "common-modules", "common-modules: no coordinator.py or entity.py"
    if not any(called(call) == "DeviceInfo" for call in calls(*integration.modules.values())):
        yield "devices", "devices: none"
