"""The integration keeps Home Assistant's quality scale; each check finds what breaks it in an integration that does."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import homeassistant.components
from homeassistant.util.yaml import load_yaml_dict
import pytest

from tests.repository.quality import scale, structure, texts
from tests.repository.quality.integration import Integration, load

INTEGRATION = load(Path(__file__).parents[2], "resume_sync")

type Check = Callable[[Integration], list[str]]

CHECKS: tuple[Check, ...] = (
    *texts.ALL,
    scale.scale_problems,
    scale.claim_problems,
    structure.action_problems,
    structure.data_problems,
    structure.hacs_problems,
    structure.icon_problems,
    structure.manifest_problems,
    structure.platform_problems,
    structure.subscription_problems,
    structure.unique_id_problems,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_integration_keeps_the_scale(check: Check) -> None:
    """Nothing is wrong with it."""
    assert check(INTEGRATION) == []


def test_the_rules_are_those_of_home_assistant() -> None:
    """The integrations that Home Assistant brings name the same ones."""
    components = Path(homeassistant.components.__file__).parent
    files = sorted(components.glob("*/quality_scale.yaml"))[:10]
    assert [load_yaml_dict(file)["rules"].keys() == scale.RULES for file in files] == [True] * 10
    assert len(scale.RULES) == 54


def data(part: str, path: str, value: Any) -> Integration:
    """Return the integration with another value in a file, at a path; None: without it."""
    changed = deepcopy(getattr(INTEGRATION, part))
    *parents, last = path.split("/")
    place = changed
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return replace(INTEGRATION, **{part: changed})


def code(module: str, source: str) -> Integration:
    """Return the integration with a module that is new or other."""
    return replace(INTEGRATION, modules=INTEGRATION.with_module(module, source))


def brand(name: str, size: tuple[int, int] | None) -> Integration:
    """Return the integration with an image of another size; None: without it."""
    sizes = {**INTEGRATION.brand_sizes, name: size}
    return replace(INTEGRATION, brand_sizes={each: size for each, size in sizes.items() if size is not None})


FLOW = "class Flow(ConfigFlow):\n    async def async_step_new(self, user_input):\n        "
ENTITY = "PARALLEL_UPDATES = 0\nclass Light(AccountEntity, LightEntity):\n    def __init__(self):\n        "

STEP = "config/step/password"
BROKEN: tuple[tuple[Check, Integration, str], ...] = (
    (texts.step_problems, data("texts", STEP, None), "no text: config.step.password"),
    (texts.step_problems, data("texts", "config/step/left_over", {}), "unused text: config.step.left_over"),
    (texts.step_problems, data("texts", "config/progress/left_over", ""), "unused text: config.progress.left_over"),
    (texts.step_problems, code("flows.new", f"{FLOW}self.async_show_form(step_id='new')"), "no text: config.step.new"),
    (texts.field_problems, data("texts", f"{STEP}/data_description/password", None), "no text: config.password"),
    (texts.field_problems, data("texts", f"{STEP}/data_description/left_over", ""), "unused text: config.password"),
    (
        texts.field_problems,
        data("texts", "config_subentries/pair/step/rules/sections/guardrails/data/min_seconds", None),
        "no text: fields.min_seconds",
    ),
    (texts.field_problems, code("flows.new", "SCHEMA = {vol.Required('new'): str}"), "no text: fields.new"),
    (texts.answer_problems, data("texts", "config/error/user_unknown", None), "no text: config.error.user_unknown"),
    (texts.answer_problems, data("texts", "config/error/code_expired", None), "no text: error.code_expired"),
    (texts.answer_problems, data("texts", "config/error/left_over", ""), "unused text: config.error.left_over"),
    (texts.answer_problems, data("texts", "config/abort/left_over", ""), "unused text: config.abort.left_over"),
    (
        texts.answer_problems,
        code("flows.new", f"{FLOW}return self.async_abort(reason='new')"),
        "no text: config.abort.new",
    ),
    (texts.answer_problems, code("flows.new", f"{FLOW}errors['base'] = 'new'"), "no text: config.error.new"),
    (texts.entity_problems, data("texts", "entity/sensor/status", None), "no text: entity.sensor.status"),
    (texts.entity_problems, data("texts", "entity/sensor/left_over", {}), "unused text: entity.sensor.left_over"),
    (texts.entity_problems, data("icons", "entity/switch/automatic", None), "no text: icons.entity.switch.automatic"),
    (texts.entity_problems, data("icons", "entity/switch/left_over", {}), "unused text: icons.entity.switch.left_over"),
    (
        texts.entity_problems,
        data("icons", "entity/sensor/status/state/left_over", ""),
        "icon of no state: status.left_over",
    ),
    (
        texts.entity_problems,
        code("light", "A = LightEntityDescription(key='new', translation_key='new')"),
        "no text: entity.light",
    ),
    (texts.service_problems, data("services", "sync", None), "no text: services.yaml.sync"),
    (texts.service_problems, data("services", "left_over", {}), "unused text: services.yaml.left_over"),
    (texts.service_problems, data("texts", "services/sync", None), "no text: services.sync"),
    (texts.service_problems, data("icons", "services/sync", None), "no text: icons.services.sync"),
    (texts.service_problems, data("texts", "services/sync/fields/full", None), "no text: services.sync.fields.full"),
    (
        texts.service_problems,
        data("texts", "services/sync/fields/full/description", ""),
        "no text: services.sync full description",
    ),
    (texts.service_problems, code("actions.new", "SERVICE_NEW = 'new'"), "no text: services.yaml.new"),
    (texts.service_problems, code("actions.new", "A = {vol.Optional('new'): str}"), "no text: services.yaml fields"),
    (texts.exception_problems, data("texts", "exceptions/no_pairs", None), "no text: exceptions.no_pairs"),
    (texts.exception_problems, data("texts", "exceptions/peer_removed", None), "no text: exceptions.peer_removed"),
    (texts.exception_problems, data("texts", "exceptions/left_over", {}), "unused text: exceptions.left_over"),
    (texts.exception_problems, code("new", "raise HomeAssistantError('No')"), "new raises HomeAssistantError without"),
    (texts.issue_problems, data("texts", "issues/peer_removed", None), "no text: issues.peer_removed"),
    (texts.issue_problems, data("texts", "issues/left_over", {}), "unused text: issues.left_over"),
    (
        texts.issue_problems,
        data("texts", "issues/peer_removed/fix_flow/step/left_over", {}),
        "unused text: issues step left_over",
    ),
    (
        texts.issue_problems,
        data("texts", "issues/mass_removal/fix_flow/abort/left_over", ""),
        "unused text: issues abort.left_over",
    ),
    (texts.other_problems, data("texts", "selector/left_over", {}), "unused text: left_over"),
    (texts.other_problems, data("texts", "system_health/info/left_over", ""), "unused text: left_over"),
    (
        texts.other_problems,
        code("new", "A = SelectSelectorConfig(translation_key='new')"),
        "no text: selector.new",
    ),
    (scale.scale_problems, data("scale", "rules/brands", None), "no rule brands"),
    (scale.scale_problems, data("scale", "rules/beauty", "done"), "unknown rule beauty"),
    (scale.scale_problems, data("scale", "rules/brands", "almost"), "brands is almost"),
    (scale.scale_problems, data("scale", "rules/brands", {"status": "todo", "comment": "Later."}), "brands is todo"),
    (scale.scale_problems, data("scale", "rules/brands", {"status": "exempt"}), "brands is exempt without a comment"),
    (
        scale.scale_problems,
        data("scale", "rules/inject-websession", {"status": "exempt", "comment": "Plex."}),
        "inject-websession is exempt",
    ),
    (
        scale.scale_problems,
        data("scale", "rules/async-dependency", {"status": "todo"}),
        "async-dependency is todo without a comment",
    ),
    (scale.claim_problems, brand("icon.png", (64, 64)), "brands: brand/icon.png is 64 x 64"),
    (scale.claim_problems, brand("dark_icon@2x.png", None), "brands: brand/dark_icon@2x.png is 0 x 0"),
    (scale.claim_problems, brand("logo.png", (584, 64)), "brands: brand/logo.png is 584 x 64"),
    (scale.claim_problems, brand("dark_logo.png", (128, 256)), "brands: brand/dark_logo.png is 128 x 256"),
    (scale.claim_problems, brand("logo@2x.png", (584, 128)), "brands: brand/logo@2x.png is 584 x 128"),
    (scale.claim_problems, data("scale", "rules/docs-examples", "done"), "docs-examples: no heading"),
    (
        scale.claim_problems,
        data("scale", "rules/docs-examples", {"status": "done", "comment": "README.md: Nowhere"}),
        "docs-examples: no heading README.md: Nowhere",
    ),
    (
        scale.claim_problems,
        data("scale", "rules/docs-examples", {"status": "done", "comment": "README.md: Removal; README.md: Nowhere"}),
        "docs-examples: no heading README.md: Nowhere",
    ),
    (
        scale.claim_problems,
        replace(INTEGRATION, documents={**INTEGRATION.documents, "README.md": {"Removal": "Delete it."}}),
        "docs-removal-instructions: nothing below README.md: Removal",
    ),
    (scale.claim_problems, code("diagnostics", ""), "diagnostics: none"),
    (scale.claim_problems, code("config_flow", ""), "reauthentication-flow: no async_step_reauth"),
    (
        scale.claim_problems,
        replace(data("scale", "rules/discovery", "done"), manifest={"domain": "resume_sync", "codeowners": ["@a"]}),
        "discovery: no way",
    ),
    (
        scale.claim_problems,
        replace(INTEGRATION, modules={"config_flow": INTEGRATION.modules["config_flow"]}),
        "discovery-update-info: no entry is updated",
    ),
    (structure.action_problems, code("__init__", "async def async_setup(hass, config): ..."), "async_setup registers"),
    (
        structure.action_problems,
        code(
            "__init__",
            "def async_setup(h):\n    async_setup_services(h)\nasync_setup_entry = 1\n"
            "def async_setup_entry(hass):\n    hass.services.async_register('a')",
        ),
        "async_setup_entry registers actions",
    ),
    (structure.data_problems, code("new", "self.hass.data[DOMAIN] = {}"), "new: self.hass.data[DOMAIN]"),
    (structure.data_problems, code("new", "hass.data.setdefault(DOMAIN, {})"), "new: hass.data.setdefault"),
    (structure.data_problems, code("new", "hass.data['resume_sync']"), "new: hass.data['resume_sync']"),
    (structure.hacs_problems, data("hacs", "name", None), "no name"),
    (structure.hacs_problems, data("hacs", "render_readme", 1), "unknown key render_readme"),
    (structure.hacs_problems, data("hacs", "homeassistant", 2026), "homeassistant is no str"),
    (structure.hacs_problems, data("hacs", "filename", None), "a zip without a filename"),
    (structure.icon_problems, data("icons", "services/sync/service", "sync"), "sync"),
    (structure.manifest_problems, data("manifest", "issue_tracker", None), "no issue_tracker"),
    (structure.manifest_problems, data("manifest", "zzz", 1), "unknown key zzz"),
    (structure.manifest_problems, data("manifest", "codeowners", ["somebody"]), "an owner without @"),
    (structure.manifest_problems, data("manifest", "version", "one"), "version is none"),
    (structure.manifest_problems, data("manifest", "iot_class", "magic"), "unknown type or class"),
    (structure.manifest_problems, data("manifest", "documentation", "http://x"), "documentation is no address"),
    (structure.manifest_problems, data("manifest", "requirements", ["plexapi"]), "a requirement without a version"),
    (
        structure.manifest_problems,
        replace(INTEGRATION, manifest=dict(reversed(list(INTEGRATION.manifest.items())))),
        "keys are not in order",
    ),
    (structure.platform_problems, code("light", "A = 1"), "light has no PARALLEL_UPDATES"),
    (
        structure.platform_problems,
        code("light", "PARALLEL_UPDATES = 0\nclass Light(LightEntity): ..."),
        "Light has no _attr_has_entity_name",
    ),
    (structure.subscription_problems, code("light", f"{ENTITY}hub.async_add_listener(1)"), "Light: async_add_listener"),
    (
        structure.unique_id_problems,
        code("light", f"{ENTITY}self._attr_unique_id = f'{{DOMAIN}}_{{key}}'"),
        "light: f'{DOMAIN}_{key}'",
    ),
    (
        structure.unique_id_problems,
        code("light", f"{ENTITY}self._attr_unique_id = f'resume_sync_{{key}}'"),
        "light: f'resume_sync_",
    ),
    (
        structure.unique_id_problems,
        code("light", f"{ENTITY}self._attr_unique_id = f'{{key}}_sensor'"),
        "light: f'{key}_sensor'",
    ),
)


@pytest.mark.parametrize(("check", "broken", "problem"), BROKEN, ids=[row[2] for row in BROKEN])
def test_what_breaks_the_scale_is_found(check: Check, broken: Integration, problem: str) -> None:
    """Each check names the problem."""
    assert [line for line in check(broken) if line.startswith(problem)], check(broken)
