"""The dialogs that solve what Resume Sync asks for, by the translation key of the question."""

from collections.abc import Callable

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant

from .issues.held_dialogs import FirstSyncFlow, MassRemovalFlow, MassUpdateFlow, PeerRemovedFlow
from .issues.issues import FIRST_SYNC, MASS_REMOVAL, MASS_UPDATE, MASS_ZEROS, PEER_REMOVED, UNRESOLVED_TITLES
from .issues.mass_zeros_dialog import MassZerosFlow
from .issues.pair_dialog import IssueData
from .issues.unresolved_dialog import UnresolvedTitlesFlow

_FLOWS: dict[str, Callable[[IssueData], RepairsFlow]] = {
    PEER_REMOVED: PeerRemovedFlow,
    FIRST_SYNC: FirstSyncFlow,
    MASS_REMOVAL: MassRemovalFlow,
    MASS_UPDATE: MassUpdateFlow,
    MASS_ZEROS: MassZerosFlow,
    UNRESOLVED_TITLES: UnresolvedTitlesFlow,
}


async def async_create_fix_flow(hass: HomeAssistant, issue_id: str, data: IssueData | None) -> RepairsFlow:
    """Return the dialog of a repair; one that only tells something is closed by confirming it."""
    for translation_key, flow in _FLOWS.items():
        if data is not None and issue_id.startswith(translation_key):
            return flow(data)
    return ConfirmRepairFlow()
