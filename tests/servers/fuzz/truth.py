"""What has to hold for everything that a client returns, whatever a server sent."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
import json

from custom_components.resume_sync.sync.model import Item, ItemState, MediaKind, Snapshot, StateRead

_HOURS_100 = 360_000_000
_YEAR_2000 = 946_684_800_000
_YEAR_2200 = 7_258_118_400_000


def check(value: object) -> None:
    """Raise AssertionError where something was returned that must not be."""
    _check_plain(value)
    if isinstance(value, Snapshot | StateRead):
        for item_id, state in value.items.items():
            _check_state(item_id, state)
        assert not value.items.keys() & value.unknown.keys()
        assert all(row.reason for row in value.unknown.values())
        _check_items(row.item for row in value.unknown.values() if row.item is not None)
        if isinstance(value, Snapshot):
            assert all(state.position_ms > 0 for state in value.items.values())
    elif isinstance(value, Mapping):
        for found in value.values():
            if isinstance(found, tuple):
                _check_items(found)
    elif isinstance(value, tuple) and value and isinstance(value[0], Item):
        _check_items(value)
        assert len(value) <= 5


def _check_items(items: Iterable[Item]) -> None:
    """Check items that were found or proposed."""
    for item in items:
        assert item.item_id
        assert item.kind is not MediaKind.SHOW


def _check_state(item_id: str, state: ItemState) -> None:
    """Check a state: in range, and of a film or an episode."""
    item = state.item
    assert item.item_id == item_id
    assert item_id
    assert item.kind is not MediaKind.SHOW
    assert item.duration_ms is None or 0 < item.duration_ms <= _HOURS_100
    assert 0 <= state.position_ms <= (2 * item.duration_ms if item.duration_ms else _HOURS_100)
    assert 0 <= state.play_count < 2**31
    assert state.last_played_server_ms is None or _YEAR_2000 <= state.last_played_server_ms < _YEAR_2200
    for number in (item.year, item.season, item.episode):
        assert number is None or 0 <= number <= 1_000_000


def _check_plain(value: object) -> None:
    """Check that texts and numbers anywhere in a value can be stored: of sensible size, and encodable."""
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        assert len(value) <= 4096
        value.encode()
    elif isinstance(value, int | float):
        assert abs(value) < 2**53
        json.dumps(value, allow_nan=False)
    elif isinstance(value, Mapping):
        for key, below in value.items():
            _check_plain(key)
            _check_plain(below)
    elif isinstance(value, list | tuple | set | frozenset):
        for below in value:
            _check_plain(below)
    elif is_dataclass(value):
        for field in fields(value):
            _check_plain(getattr(value, field.name))
    else:
        assert value is None, type(value)
