"""What a media server tells by itself, without being asked."""

from dataclasses import dataclass
from enum import StrEnum


class PushKind(StrEnum):
    """What happened. None of it is more than a reason to look: positions are read, never believed from a message.

    `MARKED`: the user's data of an item changed, by hand, by a client that wrote it, or because the server stored what
    a playback left.
    """

    CONNECTED = "connected"
    STOPPED = "stopped"
    PAUSED = "paused"
    PLAYED = "played"
    MARKED = "marked"
    LIBRARY_CHANGED = "library_changed"


@dataclass(frozen=True, slots=True)
class PushEvent:
    """One thing that happened, to this account's user only.

    `at` is when the message came, in epoch milliseconds of this machine's clock. `item_id` None: no item in
    particular. `position_ms` is what was told last: it may be from some seconds before a stop, and the server may not
    have stored it yet; None: nothing was told.
    """

    kind: PushKind
    at: int
    item_id: str | None = None
    position_ms: int | None = None
