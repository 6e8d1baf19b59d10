"""Jellyfin and Emby with their sign-ins."""

from typing import Any

import pytest

from custom_components.resume_sync.servers.mediabrowser.emby import EmbySignIn
from custom_components.resume_sync.servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn

from .servers import House, emby, jellyfin

BOTH = pytest.mark.parametrize(
    ("open_house", "sign_in_type"),
    [
        pytest.param(lambda: jellyfin("10.10.7"), JellyfinSignIn, id="10.10"),
        pytest.param(lambda: jellyfin("12.0.0", base_path="/jf"), JellyfinSignIn, id="12.0"),
        pytest.param(lambda: emby("4.8.11.0"), EmbySignIn, id="4.8"),
        pytest.param(emby, EmbySignIn, id="4.9"),
    ],
)


type SignIn = JellyfinSignIn | EmbySignIn


def sign_in(house: House[Any, Any], kind: type[SignIn], device_id: str = "new device, 50 % \u00fc") -> SignIn:
    """Return a sign-in to a server."""
    return kind(house.session, url=house.server.url, device_id=device_id)
