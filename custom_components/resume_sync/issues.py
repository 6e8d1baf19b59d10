"""The repairs that Resume Sync asks for: when they appear, and when they go away."""

from collections.abc import Collection

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

STATE_RESET = "state_reset"
PEER_REMOVED = "peer_removed"
MASS_REMOVAL = "mass_removal"


@callback
def async_create_state_reset(hass: HomeAssistant, entry_id: str, account: str) -> None:
    """Tell that an account's history was lost."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{STATE_RESET}_{entry_id}",
        data={"entry_id": entry_id, "account": account},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=STATE_RESET,
        translation_placeholders={"account": account},
    )


@callback
def async_update_peer_removed(hass: HomeAssistant, entry_id: str, subentry_id: str, pair: str | None) -> None:
    """Ask what to do about a pair whose peer is gone, or take that back: `pair` is its name then, else None."""
    issue_id = f"{PEER_REMOVED}_{subentry_id}"
    if pair is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry_id, "subentry_id": subentry_id, "pair": pair},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=PEER_REMOVED,
        translation_placeholders={"pair": pair},
    )


@callback
def async_update_mass_removal(hass: HomeAssistant, entry_id: str, subentry_id: str, pair: str, held: int) -> None:
    """Ask whether so many removals at once are meant, or take that back when none is held any more."""
    issue_id = f"{MASS_REMOVAL}_{subentry_id}"
    if not held:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry_id, "subentry_id": subentry_id, "pair": pair, "count": held},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=MASS_REMOVAL,
        translation_placeholders={"pair": pair, "count": str(held)},
    )


@callback
def async_delete_pair_issues(hass: HomeAssistant, entry_id: str, but_of: Collection[str] = ()) -> None:
    """Take back what was asked about the pairs of an account, except those that still exist."""
    for issue in list(ir.async_get(hass).issues.values()):
        data = issue.data or {}
        subentry_id = data.get("subentry_id")
        if issue.domain == DOMAIN and data.get("entry_id") == entry_id and subentry_id and subentry_id not in but_of:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_delete_state_reset(hass: HomeAssistant, entry_id: str) -> None:
    """Take back that an account's history was lost: the account is gone."""
    ir.async_delete_issue(hass, DOMAIN, f"{STATE_RESET}_{entry_id}")
