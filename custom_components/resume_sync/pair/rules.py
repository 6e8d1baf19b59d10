"""From the data of a pair's subentry to the rules that the core works by."""

from collections.abc import Mapping
from typing import Any

from ..const import (
    CONF_ADD,
    CONF_DELTA_SECONDS,
    CONF_DIRECTION,
    CONF_HIDE_ON_PLEX,
    CONF_MAX_PERCENT,
    CONF_MIN_SECONDS,
    CONF_REMOVE,
)
from ..sync.model import Direction, PairRules, RemoveMode

_DEFAULTS = PairRules()


def pair_rules(data: Mapping[str, Any]) -> PairRules:
    """Return the rules of a pair from its flat subentry data; what is not there has its default."""
    return PairRules(
        direction=Direction(data.get(CONF_DIRECTION, _DEFAULTS.direction)),
        add=data.get(CONF_ADD, _DEFAULTS.add),
        remove=RemoveMode(data.get(CONF_REMOVE, _DEFAULTS.remove)),
        min_seconds=int(data.get(CONF_MIN_SECONDS, _DEFAULTS.min_seconds)),
        delta_seconds=int(data.get(CONF_DELTA_SECONDS, _DEFAULTS.delta_seconds)),
        max_percent=int(data.get(CONF_MAX_PERCENT, _DEFAULTS.max_percent)),
        hide_on_plex=data.get(CONF_HIDE_ON_PLEX, _DEFAULTS.hide_on_plex),
    )
