"""What one account tells those who follow it, by signals of Home Assistant's dispatcher."""

from ..const import DOMAIN


def signal_account_back(unique_id: str | None) -> str:
    """Return the signal that an account's server answers again after an outage."""
    return f"{DOMAIN}_account_back_{unique_id}"


def signal_account_moved(unique_id: str | None) -> str:
    """Return the signal that something was moved on an account; it carries when the listing that shows it was read."""
    return f"{DOMAIN}_account_moved_{unique_id}"


def signal_library_changed(unique_id: str | None) -> str:
    """Return the signal that titles were added to, or removed from, what an account sees."""
    return f"{DOMAIN}_library_changed_{unique_id}"
