"""Stored states of earlier versions, turned into the present form step by step."""

from collections.abc import Callable, Mapping
import re
from typing import Any, Final

type Json = dict[str, Any]

VERSION: Final = 2

_BARE_IMDB: Final = re.compile(r"(^|:)imdb:(?!tt)")


def migrated(version: int, data: Json) -> Json:
    """Return a stored state in the present form; raises KeyError, TypeError or ValueError where it is none."""
    if not 1 <= version <= VERSION:
        raise ValueError("A state of a version that never was")
    for step in _STEPS[version - 1 :]:
        data = step(data)
    return data


def _one_place(data: Json) -> Json:
    """Give each position and its edit one form, a place, and drop ids that may be of another source (1 to 2)."""
    journal = dict(data["journal"])
    latest, overtaken = journal.pop("intents", {}), journal.pop("overtaken", {})
    journal["entries"] = {item_id: _entry(entry) for item_id, entry in journal.get("entries", {}).items()}
    journal["unseen"] = {
        "writes": {
            item_id: [_write(one) for one in (*filter(None, [latest.get(item_id)]), *overtaken.get(item_id, ()))]
            for item_id in latest | overtaken
        }
    }
    # A bare number in the field of IMDb is some other site's id: written by early versions as `movie:imdb:603`.
    cleaned: Json = _without_bare_imdb(data | {"journal": journal})
    return cleaned


def _entry(old: Json) -> Json:
    """Return an entry of version 1 with a place, and the places before it."""
    entry = {name: value for name, value in old.items() if name not in _OF_PLACES}
    place = {"position_ms": old["dated_position_ms"], "edit": old["edit"]} | _picked(old, "written_at", "undone_at")
    if "written_at" in old and "date" in old:
        place["date_server_ms"] = old["date"]["server_ms"]
    return entry | {"place": place} | _before(old)


def _write(old: Json) -> Json:
    """Return a write of version 1, which no read had shown yet."""
    place = {"position_ms": old["position_ms"], "edit": old["edit"], "written_at": old["made_at"]}
    place |= _picked(old, "watched", "undone_at")
    if "sent_date_server_ms" in old:
        place["date_server_ms"] = old["sent_date_server_ms"]
    return {"place": place} | _before(old) | _picked(old, "keys")


def _before(old: Json) -> Json:
    """Return the places before a write of ours, if any, latest first, the viewer's last; 0 is no place any more."""
    places = [*old.get("stood", ()), *filter(None, [old.get("left")])]
    before = [{"position_ms": one["position_ms"], "edit": one["edit"]} for one in places if one["position_ms"]]
    return {"before": before} if before else {}


def _picked(old: Mapping[str, Any], *names: str) -> Json:
    """Return some fields, those that are there."""
    return {name: old[name] for name in names if name in old}


def _without_bare_imdb(value: Any) -> Any:
    """Return a value without external ids that are bare numbers of IMDb, however deep they are."""
    if isinstance(value, dict):
        return {key: _without_bare_imdb(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_bare_imdb(one) for one in value if not (isinstance(one, str) and _BARE_IMDB.search(one))]
    return value


_OF_PLACES: Final = frozenset({"dated_position_ms", "edit", "written_at", "undone_at", "left", "stood"})
_STEPS: Final[tuple[Callable[[Json], Json], ...]] = (_one_place,)
