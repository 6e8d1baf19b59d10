"""Samples of what Jellyfin and Emby send, in the shapes of their own code and documentation, with made-up values."""

import json
from pathlib import Path
from typing import Any

_PAYLOADS = Path(__file__).parents[2] / "payloads"


def sample(server: str, name: str) -> Any:
    """Return one sample, decoded."""
    return json.loads((_PAYLOADS / server / f"{name}.json").read_text(encoding="utf-8"))
