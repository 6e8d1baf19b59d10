"""Rows of the samples of Jellyfin and Emby, and rows made for tests."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.resume_sync.servers.mediabrowser.dialect import EMBY, JELLYFIN

BOTH = pytest.mark.parametrize(
    ("server", "dialect", "film", "episode", "show"),
    [
        pytest.param(
            "jellyfin",
            JELLYFIN,
            "505570f700de05e9fc2881a8385deb45",
            "3fc160882cc70ecf20281aef83317ec1",
            "e194ce29fc3236360a7fd085699f5f39",
            id="jellyfin",
        ),
        pytest.param("emby", EMBY, "106", "135", "118", id="emby"),
    ],
)


def epoch_ms(text: str) -> int:
    """Return a date of a sample, to the millisecond, in epoch milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def film_row(**changes: Any) -> dict[str, Any]:
    """Return a good Emby row with some fields changed; None takes a field away."""
    row: dict[str, Any] = {
        "Id": "5",
        "Type": "Movie",
        "Name": "Tide",
        "UserData": {"PlaybackPositionTicks": 70_000, "Played": False, "IsFavorite": False, "PlayCount": 3},
    }
    for key, value in changes.items():
        target = (
            row
            if key in ("Id", "Type", "Name", "UserData", "ProviderIds", "RunTimeTicks", "ProductionYear", "ParentId")
            else row["UserData"]
        )
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
    return row
