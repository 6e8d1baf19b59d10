"""The repairs that Resume Sync asks for: when they appear, and when they go away."""

from collections.abc import Collection

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, REPOSITORY
from ..labels import OutsideText, placeholders

ANOTHER_SERVER = "another_server"
CARDS_MISSING = "cards_missing"
STATE_RESET = "state_reset"
PEER_REMOVED = "peer_removed"
FIRST_SYNC = "first_sync"
MASS_REMOVAL = "mass_removal"
MASS_UPDATE = "mass_update"
MASS_ZEROS = "mass_zeros"
UNRESOLVED_TITLES = "unresolved_titles"


@callback
def async_update_cards_missing(hass: HomeAssistant, *, is_missing: bool) -> None:
    """Tell that this is a checkout in which the cards were not built, or take that back."""
    if not is_missing:
        ir.async_delete_issue(hass, DOMAIN, CARDS_MISSING)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        CARDS_MISSING,
        is_fixable=False,
        learn_more_url=f"{REPOSITORY}#contributing",
        severity=ir.IssueSeverity.WARNING,
        translation_key=CARDS_MISSING,
    )


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
        translation_placeholders=placeholders({"account": OutsideText(account)}),
    )


@callback
def async_update_another_server(hass: HomeAssistant, entry_id: str, account: str, *, answers: bool) -> None:
    """Tell that another server answers at an account's address, or take that back."""
    issue_id = f"{ANOTHER_SERVER}_{entry_id}"
    if not answers:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ANOTHER_SERVER,
        translation_placeholders=placeholders({"account": OutsideText(account)}),
    )


@callback
def async_update_mass_zeros(hass: HomeAssistant, entry_id: str, account: str, *, held: int) -> None:
    """Ask whether it was meant that so many positions of an account became 0 at once, or take that back."""
    issue_id = f"{MASS_ZEROS}_{entry_id}"
    if not held:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry_id, "account": account, "count": held},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=MASS_ZEROS,
        translation_placeholders=placeholders({"account": OutsideText(account), "count": held}),
    )


@callback
def async_update_peer_removed(hass: HomeAssistant, entry_id: str, pair: ConfigSubentry, *, is_gone: bool) -> None:
    """Ask what to do about a pair whose peer is gone, or take that back."""
    if is_gone:
        _create_pair_issue(hass, PEER_REMOVED, entry_id, pair, severity=ir.IssueSeverity.ERROR)
    else:
        ir.async_delete_issue(hass, DOMAIN, f"{PEER_REMOVED}_{pair.subentry_id}")


@callback
def async_update_held(
    hass: HomeAssistant, translation_key: str, entry_id: str, pair: ConfigSubentry, *, held: int
) -> None:
    """Ask whether so many changes at once are meant, or take that back when none is held any more.

    `translation_key`: `FIRST_SYNC` for the positions of a new pair, `MASS_UPDATE` for those of later runs,
    `MASS_REMOVAL` for removals.
    """
    if held:
        _create_pair_issue(hass, translation_key, entry_id, pair, severity=ir.IssueSeverity.WARNING, count=held)
    else:
        ir.async_delete_issue(hass, DOMAIN, f"{translation_key}_{pair.subentry_id}")


@callback
def async_update_unresolved(hass: HomeAssistant, entry_id: str, pair: ConfigSubentry, *, count: int) -> None:
    """Ask which items titles are that have long been without a counterpart, or take that back."""
    if count:
        _create_pair_issue(hass, UNRESOLVED_TITLES, entry_id, pair, severity=ir.IssueSeverity.WARNING, count=count)
    else:
        ir.async_delete_issue(hass, DOMAIN, f"{UNRESOLVED_TITLES}_{pair.subentry_id}")


def _create_pair_issue(
    hass: HomeAssistant,
    translation_key: str,
    entry_id: str,
    pair: ConfigSubentry,
    *,
    severity: ir.IssueSeverity,
    count: int = 0,
) -> None:
    """Create a repair about one pair that a dialog can solve."""
    number = {"count": count} if count else {}
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{translation_key}_{pair.subentry_id}",
        data={"entry_id": entry_id, "subentry_id": pair.subentry_id, "pair": pair.title, **number},
        is_fixable=True,
        severity=severity,
        translation_key=translation_key,
        translation_placeholders=placeholders({"pair": OutsideText(pair.title), **number}),
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
def async_delete_account_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Take back what was told and asked about an account that is gone."""
    for translation_key in (ANOTHER_SERVER, MASS_ZEROS, STATE_RESET):
        ir.async_delete_issue(hass, DOMAIN, f"{translation_key}_{entry_id}")
