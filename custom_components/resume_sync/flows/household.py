"""A sign-in that may act for several users: whoever is chosen becomes an account of their own."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowContext, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..const import CONF_SERVER_ID, CONF_USER_ID, DOMAIN
from ..labels import OutsideText, joined, markdown, placeholders
from .account import SOURCE_HOUSEHOLD, NewAccount
from .address_form import AddressFlow
from .pair_partners import has_namesake

ALREADY_ADDED = "already_added"
NOBODY_CHOSEN = "nobody_chosen"
NOBODY_LEFT = "nobody_left"
"""What a form says of users: error keys."""


class HouseholdFlow(AddressFlow):
    """A flow that adds several accounts at once; one person who cannot be added does not stop the others."""

    def __init__(self) -> None:
        """Start with nobody."""
        super().__init__()
        self._left_out: dict[str, str] = {}

    def users_to_offer(self, server_id: str, names: Mapping[str, str]) -> dict[str, str]:
        """Return the users of a server (names by id) who have no account yet; nobody: all of them have one.

        To an account that is signed in again all of them are offered.
        """
        if self.existing_entry is not None:
            return dict(names)
        added = {
            entry.data[CONF_USER_ID]
            for entry in self.hass.config_entries.async_entries(DOMAIN, include_ignore=False)
            if entry.data[CONF_SERVER_ID] == server_id
        }
        return {user_id: name for user_id, name in names.items() if user_id not in added}

    async def async_add_household(self, accounts: list[NewAccount], left_out: dict[str, str]) -> ConfigFlowResult:
        """Add accounts, once it was told who cannot be added (error keys by name)."""
        known = {entry.unique_id for entry in self.hass.config_entries.async_entries(DOMAIN)}
        self.household = [account for account in accounts if account.unique_id not in known]
        self._left_out = left_out | {
            account.signed_in.user.name: ALREADY_ADDED for account in accounts if account.unique_id in known
        }
        if not self.household:
            return self.async_abort(reason="already_configured")
        return await self.async_step_left_out(None if self._left_out else {})

    async def async_step_left_out(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell who cannot be added and why, then add the others."""
        if user_input is not None:
            namesakes = (account for account in self.household if self._has_namesake(account))
            first = next(namesakes, self.household[0])
            self.household.remove(first)
            return await self.async_finish_account(first)
        texts = await async_get_translations(self.hass, self.hass.config.language, "config", [DOMAIN])
        reasons = {
            name: texts.get(f"component.{DOMAIN}.config.error.{key}", key) for name, key in self._left_out.items()
        }
        return self.async_show_form(
            step_id="left_out",
            data_schema=vol.Schema({}),
            description_placeholders=placeholders(
                {
                    "left_out": joined("\n", (markdown(t"- {name}: {reason}") for name, reason in reasons.items())),
                    "others": joined(", ", (OutsideText(one.signed_in.user.name).markdown for one in self.household)),
                }
            ),
        )

    @callback
    def _has_namesake(self, account: NewAccount) -> bool:
        """Tell whether there is an account of the same name on another server."""
        return has_namesake(self.hass, account.server.server_id, account.signed_in.user.name)

    async def async_add_others(self) -> list[ConfigEntry]:
        """Add everybody but the first, and return their entries; who was added meanwhile is left alone."""
        manager = self.hass.config_entries.flow
        context = ConfigFlowContext(source=SOURCE_HOUSEHOLD)
        results = await asyncio.gather(
            *(
                manager.async_init(
                    DOMAIN, context=context.copy(), data=replace(account, options=self.options_of(account))
                )
                for account in self.household
            )
        )
        return [result["result"] for result in results if "result" in result]

    async def async_step_household(self, account: NewAccount) -> ConfigFlowResult:
        """Add one of the others."""
        return await self.async_finish_account(account)
