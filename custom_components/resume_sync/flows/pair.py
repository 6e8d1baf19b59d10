"""How a pair is added to an account, and how its rules are changed."""

import asyncio
import itertools
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from ..const import CONF_DIRECTION, CONF_PEER, CONF_REMOVE, CONF_SYNC_NOW, DOMAIN
from ..labels import OutsideText, Shown, joined, markdown, placeholders
from ..pair.names import pair_title
from ..pair.wished_syncs import async_wish_sync
from ..sync.model import Direction, RemoveMode
from .pair_form import (
    CONF_ALSO,
    DIRECTION_SCHEMA,
    flat_rules,
    pair_key,
    pairs_field,
    peer_field,
    rules_form,
    rules_schema,
)
from .pair_household import Accounts, async_add_pairs, async_preview_pair, chosen_pairs, more_pairs
from .pair_partners import is_on_plex, likely_partner, other_accounts, paired, partner_error, unpaired_accounts
from .pair_preview import PairPreview, shown_preview, shown_previews

PATIENCE_SECONDS = 3
PREVIEW_SCHEMA = vol.Schema({vol.Required(CONF_SYNC_NOW, default=False): BooleanSelector()})


class PairFlow(ConfigSubentryFlow):
    """With whom and which way, by which rules, and what that would do."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        self._data: dict[str, Any] = {}
        self._also: list[str] = []
        self._suggested: dict[str, Any] = {}
        self._preview: asyncio.Task[None] | None = None
        self._previews: list[PairPreview] = []

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the other account and the direction."""
        entry = self._loaded_entry()
        if not other_accounts(self.hass, entry):
            return self.async_abort(reason="no_other_account")
        partners = unpaired_accounts(self.hass, entry)
        if not partners:
            return self.async_abort(reason="already_configured")
        errors: dict[str, str] = {}
        if user_input is not None and CONF_PEER not in user_input:
            self._suggested, user_input = user_input, None
        suggested = user_input or self._suggested
        if user_input is not None:
            if (error := partner_error(self.hass, entry, user_input[CONF_PEER])) is None:
                self._data = dict(user_input)
                self._also = self._data.pop(CONF_ALSO, [])
                return await self.async_step_rules()
            errors[CONF_PEER] = error
        elif (partner := likely_partner(entry, partners)) is not None:
            suggested = {**suggested, CONF_PEER: partner.unique_id}
        schema = vol.Schema({vol.Required(CONF_PEER): peer_field(partners)}).extend(DIRECTION_SCHEMA.schema)
        if more := more_pairs(self.hass, entry, suggested.get(CONF_PEER)):
            schema = schema.extend({vol.Optional(CONF_ALSO): pairs_field(more)})
            offered = {pair_key(*pair) for pair in more}
            suggested = {**suggested, CONF_ALSO: [key for key in suggested.get(CONF_ALSO, []) if key in offered]}
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders=placeholders({"account": OutsideText(entry.title)}),
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for another direction; a pair with another account is another pair."""
        entry = self._loaded_entry()
        data = self._get_reconfigure_subentry().data
        peer = self._peer_entry(data[CONF_PEER])
        if user_input is not None:
            self._data = {**data, **user_input}
            return await self.async_step_rules()
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(DIRECTION_SCHEMA, data),
            description_placeholders=placeholders(
                {"account": OutsideText(entry.title), "peer": OutsideText(peer.title)}
            ),
        )

    async def async_step_rules(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what is added, what is removed, and what is too small to matter."""
        errors: dict[str, str] = {}
        if user_input is not None:
            two_way = self._data[CONF_DIRECTION] == Direction.TWO_WAY
            if not (two_way and user_input[CONF_REMOVE] == RemoveMode.MIRROR):
                self._data |= flat_rules(user_input)
                return await self._async_prepare()
            errors[CONF_REMOVE] = "mirror_two_way"
        schema = rules_schema(with_plex=any(map(is_on_plex, itertools.chain(*self._pairs()))))
        return self.async_show_form(
            step_id="rules",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or rules_form(self._data)),
            errors=errors,
            description_placeholders=placeholders(self._names()),
        )

    async def _async_prepare(self) -> SubentryFlowResult:
        """Make the preview, and show that it takes a while only where it does."""
        pairs = self._pairs()
        preview = self.hass.async_create_background_task(self._async_prepare_preview(pairs), "Preview of a pair")
        await asyncio.wait({preview}, timeout=PATIENCE_SECONDS)
        if preview.done():
            return await self.async_step_preview()
        self._preview = preview
        return self._show_progress(preview)

    async def async_step_preparing(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Wait for the preview."""
        if self._preview is not None and not self._preview.done():
            return self._show_progress(self._preview)
        return self.async_show_progress_done(next_step_id="preview")

    def _show_progress(self, preview: asyncio.Task[None]) -> SubentryFlowResult:
        """Show that both accounts are being read."""
        return self.async_show_progress(
            step_id="preparing",
            progress_action="preview",
            description_placeholders=placeholders(self._names()),
            progress_task=preview,
        )

    async def _async_prepare_preview(self, pairs: list[Accounts]) -> None:
        """Note what the first syncs would do, or why nobody can tell."""
        previews = (async_preview_pair(self.hass, entry, peer, self._data) for entry, peer in pairs)
        self._previews = await asyncio.gather(*previews)

    async def async_step_preview(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what the first sync would do, then set up the pair."""
        if user_input:
            return self._finish(sync_now=user_input[CONF_SYNC_NOW])
        if len(self._previews) > 1:
            return await self.async_step_preview_household()
        (preview,) = self._previews
        return self._show_preview("preview", self._names() | shown_preview(preview), preview.problem)

    async def async_step_preview_household(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what the first syncs of several pairs would do, then set them up."""
        if user_input:
            return self._finish(sync_now=user_input[CONF_SYNC_NOW])
        problem = " ".join(dict.fromkeys(preview.problem for preview in self._previews if preview.problem))
        return self._show_preview("preview_household", shown_previews(self._previews), problem)

    def _show_preview(self, step_id: str, shown: dict[str, Shown], problem: str) -> SubentryFlowResult:
        """Show a preview, and offer to sync right away."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=PREVIEW_SCHEMA,
            errors={"base": "preview_failed"} if problem else {},
            description_placeholders=placeholders({**shown, "problem": OutsideText(problem)}),
            last_step=True,
        )

    def _finish(self, *, sync_now: bool) -> SubentryFlowResult:
        """Add pairs or change one; with `sync_now` they sync as soon as they are set up, else with their next run."""
        entry = self._loaded_entry()
        peer_id: str = self._data[CONF_PEER]
        peer = self._peer_entry(peer_id)
        title = pair_title(entry.title, peer.title, self._data[CONF_DIRECTION])
        if self.source == SOURCE_RECONFIGURE:
            return self._change(entry, title, sync_now=sync_now)
        if paired(entry, peer):
            return self.async_abort(reason="already_configured")
        more = self._more_pairs()
        titles = [title, *(pair_title(one.title, other.title, self._data[CONF_DIRECTION]) for one, other in more)]
        async_add_pairs(self.hass, more, self._data, sync_now=sync_now)
        async_wish_sync(self.hass, entry.entry_id, peer_id, wanted=sync_now)
        return self.async_create_entry(
            title=title,
            data=self._data,
            description="household" if more else "synced" if sync_now and not self._previews[0].problem else None,
            description_placeholders=placeholders(
                self._names()
                | shown_preview(self._previews[0])
                | {"pairs": joined("\n", (markdown(t"- {one}") for one in titles))}
            ),
            unique_id=peer_id,
        )

    def _change(self, entry: ConfigEntry, title: str, *, sync_now: bool) -> SubentryFlowResult:
        """Store the pair's new rules; a name that somebody has given it stays."""
        subentry = self._get_reconfigure_subentry()
        peer = self._peer_entry(self._data[CONF_PEER])
        if subentry.title != pair_title(entry.title, peer.title, subentry.data[CONF_DIRECTION]):
            title = subentry.title
        async_wish_sync(self.hass, entry.entry_id, self._data[CONF_PEER], wanted=sync_now)
        if sync_now and self._data == dict(subentry.data) and title == subentry.title:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry, subentry, title=title, data=self._data)

    def _loaded_entry(self) -> ConfigEntry:
        """Return the account that holds the pair; nothing can be said of one that is not set up."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("config_entry_not_loaded")
        return entry

    def _peer_entry(self, unique_id: str) -> ConfigEntry:
        """Return the other account."""
        peer = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, unique_id)
        if peer is None:
            raise AbortFlow("peer_gone")
        return peer

    def _pairs(self) -> list[Accounts]:
        """Return all pairs that are being set up, this account's own first."""
        return [(self._get_entry(), self._peer_entry(self._data[CONF_PEER])), *self._more_pairs()]

    def _more_pairs(self) -> list[Accounts]:
        """Return the pairs that were chosen besides the first one."""
        return chosen_pairs(self.hass, self._get_entry(), self._data[CONF_PEER], self._also)

    def _names(self) -> dict[str, Shown]:
        """Return the names of the accounts on both sides for texts."""
        sides = zip(*self._pairs(), strict=True)
        accounts, peers = (OutsideText(", ".join(dict.fromkeys(entry.title for entry in side))) for side in sides)
        return {"account": accounts, "peer": peers}
