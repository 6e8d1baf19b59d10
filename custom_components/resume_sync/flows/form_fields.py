"""Fields that several forms share."""

from collections.abc import Collection, Mapping
from typing import Any, Final, override

from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

MOST_RADIO_BUTTONS: Final = 5
MOST_CHECKBOXES: Final = 12


def secret(autocomplete: str = "off") -> TextSelector:
    """Return a field whose content is not shown."""
    return TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete=autocomplete))


def choice(labels: Mapping[str, str]) -> SelectSelectorConfig:
    """Return a choice of one value (`labels`: by value), all in sight while they are few."""
    return _choice(labels, MOST_RADIO_BUTTONS)


def choices(labels: Mapping[str, str]) -> SelectSelectorConfig:
    """Return a choice of several values (`labels`: by value), all in sight unless they are many."""
    return SelectSelectorConfig(**_choice(labels, MOST_CHECKBOXES), multiple=True)


def _choice(labels: Mapping[str, str], most_in_sight: int) -> SelectSelectorConfig:
    """Return a choice whose options hide in a drop-down list if there are more than some."""
    return SelectSelectorConfig(
        options=[SelectOptionDict(value=value, label=label) for value, label in labels.items()],
        mode=SelectSelectorMode.LIST if len(labels) <= most_in_sight else SelectSelectorMode.DROPDOWN,
    )


class UserSelector(SelectSelector):
    """A choice of users, several at a time where there are several; one by itself need not be in a list.

    It leaves it to the flow to refuse users who are known but not offered: with a reason that people can read.
    """

    def __init__(self, labels: Mapping[str, str], known: Collection[str]) -> None:
        """Offer some of the users that are known."""
        super().__init__(choices(labels) if len(labels) > 1 else choice(labels))
        self._known = vol.In(list(known))

    @override
    def __call__(self, data: Any) -> Any:
        """Accept users by id."""
        return vol.Schema(vol.Any(self._known, [self._known]))(data)


def chosen_users(answer: str | list[str]) -> list[str]:
    """Return who was chosen, each once."""
    return list(dict.fromkeys([answer] if isinstance(answer, str) else answer))
