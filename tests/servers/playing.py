"""What a client tells of sessions."""

from typing import Protocol

from custom_components.resume_sync.sync.model import Activity, SessionRead


class Sessions(Protocol):
    """A client that reads sessions."""

    async def open_sessions(self) -> SessionRead | None:
        """Return the sessions."""


async def active_items(client: Sessions) -> dict[str, Activity] | None:
    """Return what the account plays or has paused, by item; None: its sessions cannot be read."""
    read = await client.open_sessions()
    return None if read is None else read.active
