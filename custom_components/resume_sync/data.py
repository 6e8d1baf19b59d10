"""What Home Assistant holds for a loaded account: the runtime data of its config entry."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .account.coordinator import AccountCoordinator
from .account.live_updates import LiveUpdates
from .pair.coordinator import PairCoordinator
from .servers.pictures import Artwork

type ResumeSyncConfigEntry = ConfigEntry[ResumeSyncData]


@dataclass(frozen=True, slots=True)
class ResumeSyncData:
    """An account that is set up, what its server tells by itself, and its pairs by subentry id.

    `artwork` None: no pictures are wanted of this account.
    """

    account: AccountCoordinator
    live: LiveUpdates
    artwork: Artwork | None
    pairs: dict[str, PairCoordinator]
