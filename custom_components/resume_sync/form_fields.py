"""Fields that several forms share."""

from collections.abc import Mapping
from typing import Final

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

MOST_RADIO_BUTTONS: Final = 5


def secret(autocomplete: str = "off") -> TextSelector:
    """Return a field whose content is not shown."""
    return TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete=autocomplete))


def choice(labels: Mapping[str, str]) -> SelectSelectorConfig:
    """Return a choice of one value (`labels`: by value), all in sight while they are few."""
    return SelectSelectorConfig(
        options=[SelectOptionDict(value=value, label=label) for value, label in labels.items()],
        mode=SelectSelectorMode.LIST if len(labels) <= MOST_RADIO_BUTTONS else SelectSelectorMode.DROPDOWN,
    )
