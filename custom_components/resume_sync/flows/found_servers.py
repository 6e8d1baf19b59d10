"""Servers that are found in the network: they are offered, and accounts follow those that have moved."""

import asyncio
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_INTEGRATION_DISCOVERY,
    SOURCE_ZEROCONF,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.const import CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.discovery_flow import async_create_flow
from homeassistant.helpers.typing import DiscoveryInfoType
import voluptuous as vol

from ..const import CONF_SERVER_NAME, DOMAIN
from ..labels import OutsideText, placeholders
from ..servers.discovery import DiscoveredServer, discover
from .account import AccountFlow
from .rediscovery import accounts_on, async_follow, async_move, async_moved, discovery_targets

PROBE_SECONDS = 1.5
SERVER = "server"


class FoundServersFlow(AccountFlow):
    """A flow that looks for servers while somebody chooses the kind, or that one which was found has started."""

    discovered: DiscoveredServer | None = None
    _moved_from: str
    _moved_to: str
    _probe: asyncio.Task[tuple[DiscoveredServer, ...]] | None = None

    @callback
    def look_for_servers(self) -> None:
        """Ask the network for servers, in the background."""
        if self._probe is None:
            self._probe = self.hass.async_create_background_task(self._async_probe(), "Search for media servers")

    async def _async_probe(self) -> tuple[DiscoveredServer, ...]:
        """Return the servers that answer; whether accounts follow servers that have moved is asked in other flows."""
        servers = await discover(PROBE_SECONDS, targets=discovery_targets())
        for server in servers:
            if accounts_on(self.hass, server.server_type, server.server_id):
                context = ConfigFlowContext(source=SOURCE_INTEGRATION_DISCOVERY)
                async_create_flow(self.hass, DOMAIN, context=context, data={SERVER: server})
        return servers

    @callback
    @override
    def async_remove(self) -> None:
        """Stop looking."""
        super().async_remove()
        if self._probe is not None:
            self._probe.cancel()

    async def async_found_servers(self) -> list[DiscoveredServer]:
        """Return the servers that were found in the network."""
        found = [self.discovered] if self.discovered is not None else []
        return [*found, *(await self._probe if self._probe is not None else ())]

    @override
    async def async_step_integration_discovery(self, discovery_info: DiscoveryInfoType) -> ConfigFlowResult:
        """Take note of a server that has answered a question to the network, and that has accounts."""
        return await self.async_ask_whether_moved(discovery_info[SERVER])

    async def async_ask_whether_moved(self, server: DiscoveredServer) -> ConfigFlowResult:
        """Let accounts follow their server, or ask whether they may."""
        moved = await async_follow(self.hass, server)
        if not moved:
            return self.async_abort(reason="already_configured")
        self.discovered, self._moved_from = server, next(iter(moved)).data[CONF_URL]
        self._moved_to = next(iter(moved.values()))
        await self.async_set_unique_id(f"{server.server_id} {self._moved_to}")
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": next(iter(moved)).data[CONF_SERVER_NAME]}
        return await self.async_step_moved_confirm()

    async def async_step_moved_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether a server has moved; only then its accounts, with their tokens, go to the new address."""
        if user_input is not None and self.discovered is not None:
            moved = await async_moved(self.hass, self.discovered)
            for entry, url in moved.items():
                async_move(self.hass, entry, url)
            return self.async_abort(reason="moved" if moved else "not_moved")
        self._set_confirm_only()
        return self.async_show_form(
            step_id="moved_confirm",
            data_schema=vol.Schema({}),
            description_placeholders=placeholders(
                {
                    "server": OutsideText(self.context["title_placeholders"]["name"]),
                    "old": OutsideText(self._moved_from),
                    "new": OutsideText(self._moved_to),
                }
            ),
        )

    @callback
    def end_discoveries(self, server_id: str) -> None:
        """End the flows that offer a server of which an account has just been added."""
        manager = self.hass.config_entries.flow
        for flow in manager.async_progress_by_handler(DOMAIN, match_context={"source": SOURCE_ZEROCONF}):
            if flow["flow_id"] != self.flow_id and flow["context"].get("unique_id") == server_id:
                manager.async_abort(flow["flow_id"])
