"""Which of a server's rows are copies of a wanted item: pure decisions of the look-up."""

from collections.abc import Collection, Iterable

from ...sync.model import Item


def by_source(ids: Iterable[str]) -> dict[str, set[str]]:
    """Group typed ids by kind and source."""
    grouped: dict[str, set[str]] = {}
    for typed in ids:
        grouped.setdefault(typed.rpartition(":")[0], set()).add(typed)
    return grouped


def contradicts(wanted: Item, item: Item) -> bool:
    """Tell whether both have ids of one source and none of them agree: the numbering of episodes may differ."""
    if not wanted.ids.isdisjoint(item.ids):
        return False
    theirs = by_source(item.ids)
    return any(source in theirs for source in by_source(wanted.ids))


def same_number(wanted: Item, item: Item) -> bool:
    """Tell whether both are the same episode of the same season; season 0 is a season."""
    return (
        wanted.season is not None
        and wanted.episode is not None
        and (wanted.season, wanted.episode) == (item.season, item.episode)
    )


def matches(wanted: Item, item: Item, show_key: str | None, shows: Collection[str]) -> bool:
    """Tell whether an episode is the wanted one: by an id of its own, or by its number in one of `shows`."""
    return not wanted.ids.isdisjoint(item.ids) or (show_key in shows and same_number(wanted, item))
