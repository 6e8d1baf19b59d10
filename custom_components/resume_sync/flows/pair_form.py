"""The fields of a pair, and how they are stored: flat."""

from collections.abc import Mapping, Sequence
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..const import (
    CONF_ADD,
    CONF_DELTA_SECONDS,
    CONF_DIRECTION,
    CONF_HIDE_ON_PLEX,
    CONF_MAX_PERCENT,
    CONF_MIN_SECONDS,
    CONF_REMOVE,
    CONF_SERVER_NAME,
    CONF_USER_NAME,
)
from ..sync.model import Direction, PairRules, RemoveMode
from .form_fields import choice, choices

CONF_GUARDRAILS = "guardrails"
CONF_ALSO = "also"

MOST_SECONDS = 3600
LEAST_PERCENT = 50

_DEFAULTS = PairRules()
_RULES = (CONF_ADD, CONF_REMOVE, CONF_HIDE_ON_PLEX)


def _radio_buttons(options: Sequence[str], translation_key: str) -> SelectSelector:
    """Return a choice whose options are all in sight."""
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key=translation_key)
    )


def _number(least: int, most: int, unit: str) -> NumberSelector:
    """Return a field for a whole number."""
    return NumberSelector(
        NumberSelectorConfig(min=least, max=most, step=1, unit_of_measurement=unit, mode=NumberSelectorMode.BOX)
    )


DIRECTION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_DIRECTION, default=_DEFAULTS.direction.value): _radio_buttons(
            [Direction.TWO_WAY.value, Direction.TO_PEER.value, Direction.FROM_PEER.value], "direction"
        )
    }
)

GUARDRAILS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_MIN_SECONDS, default=_DEFAULTS.min_seconds): _number(0, MOST_SECONDS, "s"),
        vol.Required(CONF_DELTA_SECONDS, default=_DEFAULTS.delta_seconds): _number(0, MOST_SECONDS, "s"),
        vol.Required(CONF_MAX_PERCENT, default=_DEFAULTS.max_percent): _number(LEAST_PERCENT, 100, "%"),
    }
)

_RULES_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_ADD, default=_DEFAULTS.add): BooleanSelector(),
        vol.Required(CONF_REMOVE, default=_DEFAULTS.remove.value): _radio_buttons(
            [mode.value for mode in RemoveMode], "remove"
        ),
    }
)
_HIDE_SCHEMA = {vol.Required(CONF_HIDE_ON_PLEX, default=_DEFAULTS.hide_on_plex): BooleanSelector()}


def rules_schema(*, with_plex: bool) -> vol.Schema:
    """Return the fields of a pair's rules; `with_plex`: a side of it is on Plex."""
    schema = _RULES_SCHEMA.extend(_HIDE_SCHEMA) if with_plex else _RULES_SCHEMA
    return schema.extend({vol.Required(CONF_GUARDRAILS): section(GUARDRAILS_SCHEMA, {"collapsed": True})})


class PeerSelector(SelectSelector):
    """A choice of accounts that leaves it to the flow to refuse others: with a reason that people can read."""

    @override
    def __call__(self, data: Any) -> str:
        """Accept any text."""
        peer: str = vol.Schema(str)(data)
        return peer


def peer_field(partners: Sequence[ConfigEntry]) -> PeerSelector:
    """Return the choice between accounts; those of the same name are told apart by their servers' names."""
    titles = [partner.title for partner in partners]
    labels = {
        partner.unique_id or "": partner.title
        if titles.count(partner.title) == 1
        else f"{partner.title}, {partner.data[CONF_SERVER_NAME]}"
        for partner in partners
    }
    return PeerSelector(choice(labels))


def pair_key(entry: ConfigEntry, peer: ConfigEntry) -> str:
    """Return what names two accounts in a form."""
    return f"{entry.entry_id}:{peer.entry_id}"


class PairsSelector(SelectSelector):
    """A choice of several pairs that leaves it to the flow to drop those that are no longer possible."""

    @override
    def __call__(self, data: Any) -> list[str]:
        """Accept any names of pairs."""
        keys: list[str] = vol.Schema([str])(data)
        return keys


def pairs_field(pairs: Sequence[tuple[ConfigEntry, ConfigEntry]]) -> PairsSelector:
    """Return the choice of more pairs: who it is, and on which two servers."""
    labels = {
        pair_key(entry, peer): f"{entry.data[CONF_USER_NAME]}: {entry.data[CONF_SERVER_NAME]}, "
        f"{peer.data[CONF_SERVER_NAME]}"
        for entry, peer in pairs
    }
    return PairsSelector(choices(labels))


def flat_rules(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a pair's subentry stores of the rules that were entered."""
    return {
        **{key: user_input[key] for key in _RULES if key in user_input},
        **{key: int(value) for key, value in user_input[CONF_GUARDRAILS].items()},
    }


def rules_form(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules form as a stored pair fills it in; empty for a new one."""
    guardrails = {key: data[key] for key in (CONF_MIN_SECONDS, CONF_DELTA_SECONDS, CONF_MAX_PERCENT) if key in data}
    return {**{key: data[key] for key in _RULES if key in data}, CONF_GUARDRAILS: guardrails}
