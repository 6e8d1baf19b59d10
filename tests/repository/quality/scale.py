"""Home Assistant's quality scale: its 54 rules, and what a claim to keep one needs."""

from collections.abc import Iterator, Mapping
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
NEVER_EXEMPT = frozenset({"async-dependency", "dependency-transparency", "inject-websession"})
"""Rules from which Home Assistant exempts nobody who speaks HTTP: they are kept, or still to be done."""
ICON = 256
FEWEST_WORDS = 20
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
        wrong = "exempt" if name in NEVER_EXEMPT else "todo"
        if status not in STATES or status == wrong:
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
        if name.startswith("docs-"):
            found += [
                f"{name}: {problem}" for place in comment.split("; ") for problem in _unwritten(integration, place)
            ]
    return found


def _unwritten(integration: Integration, place: str) -> Iterator[str]:
    """Yield what is wrong with one place of a comment, `README.md: Heading`: no such heading, or nothing below it."""
    document, _, heading = place.partition(": ")
    text = integration.documents.get(document, {}).get(heading)
    if text is None:
        yield f"no heading {place or '(the comment names none)'}"
    elif len(text.split()) < FEWEST_WORDS:
        yield f"nothing below {place}"


def _brand_problems(sizes: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield what is wrong with the images: square icons and wide logos, for light and dark, each in two sizes."""
    for name in ("icon", "dark_icon", "logo", "dark_logo"):
        small, large = sizes.get(f"{name}.png", (0, 0)), sizes.get(f"{name}@2x.png", (0, 0))
        fits = small == (ICON, ICON) if name.endswith("icon") else small[0] > small[1] and ICON // 2 <= small[1] <= ICON
        if not fits:
            yield f"brands: brand/{name}.png is {small[0]} x {small[1]}"
        if large != (2 * small[0], 2 * small[1]) or not fits:
            yield f"brands: brand/{name}@2x.png is {large[0]} x {large[1]}"


def _needs(integration: Integration) -> Iterator[tuple[str, str]]:
    """Yield rules with what they lack."""
    functions = {
        getattr(node, "name", "")
        for tree in integration.modules.values()
        for node in tree.body
        if hasattr(node, "name")
    }
    steps = {getattr(node, "name", "") for flow in family("ConfigFlow", integration.modules) for node in flow.body}
    yield from (("brands", problem) for problem in _brand_problems(integration.brand_sizes))
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
    if not any(called(call) == "async_update_entry" for call in calls(*integration.modules.values())):
        yield "discovery-update-info", "discovery-update-info: no entry is updated"
    if not integration.manifest.get("codeowners"):
        yield "integration-owner", "integration-owner: none"
    if not {"coordinator", "entity"} <= {name.rpartition(".")[2] for name in integration.modules}:
        yield "common-modules", "common-modules: no coordinator.py or entity.py"
    if not any(called(call) == "DeviceInfo" for call in calls(*integration.modules.values())):
        yield "devices", "devices: none"
