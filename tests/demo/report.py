"""What the demonstration prints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.households.rest_client import Json
from tests.simulators.library import Catalogue

from .scenes import SERVERS, Scene

type Positions = Mapping[str, int | None]
type Reasons = dict[str, dict[str, tuple[str, str]]]

_TITLE_WIDTH = 34
_POSITION_WIDTH = 19


def clock_time(position_ms: int | None) -> str:
    """Return a position as players show it: `1:02:03`; `-` where the server does not have the title."""
    if position_ms is None:
        return "-"
    minutes, seconds = divmod(position_ms // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def change(before: int | None, after: int | None) -> str:
    """Return what became of a position."""
    if before == after:
        return clock_time(after)
    return f"{clock_time(before)} > {clock_time(after)}"


def keys_by_row(catalogue: Catalogue) -> dict[tuple[str, int | None, int | None], str]:
    """Return the keys of titles by what rows of the integration's actions call them."""
    keys: dict[tuple[str, int | None, int | None], str] = {
        (film.title, None, None): film.key for film in catalogue.films
    }
    for show in catalogue.shows:
        for episode in show.episodes:
            row = (f"{show.title}: {episode.title}", episode.season, episode.number)
            keys[row] = show.episode_key(episode.season, episode.number)
    return keys


def reasons(
    response: Json, keys: Mapping[tuple[str, int | None, int | None], str], *, only_idle: bool = False
) -> Reasons:
    """Return what an action's response says about titles: by title and pair, the reason and from where to where.

    `only_idle`: titles that nothing is done about.
    """
    found: Reasons = defaultdict(dict)
    for pair in response["pairs"]:
        for row in pair["items"]:
            if only_idle and row["action"] != "none":
                continue
            key = keys[row["title"], row["season"], row["episode"]]
            found[key][pair["name"]] = row["reason"], f"{_server(row['from'])} > {_server(row['to'])}"
    return found


def merged(earlier: Reasons, later: Reasons) -> Reasons:
    """Return the later reasons, and for pairs that have none the earlier ones."""
    return {key: {**earlier.get(key, {}), **later.get(key, {})} for key in (*earlier, *later)}


def _server(account: str | None) -> str:
    """Return the server of an account's name."""
    return (account or "?").partition(" ")[0]


def _why(by_pair: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return each reason with the ways that it holds for."""
    ways: dict[str, list[str]] = defaultdict(list)
    for reason, way in by_pair.values():
        ways[reason].append(way)
    return [f"{reason}: {', '.join(among)}" for reason, among in ways.items()]


def positions_table(
    scenes: Sequence[Scene], before: Mapping[str, Positions], after: Mapping[str, Positions], why: Reasons
) -> Iterable[str]:
    """Yield the lines of the table of titles: the position on each server before and after, with the reasons."""
    yield _line("Title", SERVERS, "Why")
    for scene in scenes:
        title = scene.title if len(scene.title) < _TITLE_WIDTH else f"{scene.title[: _TITLE_WIDTH - 4]}..."
        cells = [change(before[scene.key][server], after[scene.key][server]) for server in SERVERS]
        first, *more = _why(why.get(scene.key, {})) or [""]
        yield _line(title, cells, first)
        for line in more:
            yield _line("", ("",) * len(SERVERS), line)
        if scene.story:
            yield f"  ({scene.story})"


def _line(title: str, cells: Iterable[str], why: str) -> str:
    """Return a line of the table."""
    return f"{title:<{_TITLE_WIDTH}}{''.join(f'{cell:<{_POSITION_WIDTH}}' for cell in cells)}{why}".rstrip()


def traffic_table(tables: Mapping[str, Mapping[str, int]], writes: Mapping[str, int]) -> Iterable[str]:
    """Yield the requests of each server by route."""
    for server, routes in tables.items():
        yield f"{server}: {sum(routes.values())} requests, {writes[server]} of them wrote something"
        for route, count in sorted(routes.items(), key=lambda each: (-each[1], each[0])):
            yield f"  {count:>5}  {route}"


def disagreements(scenes: Iterable[Scene], after: Mapping[str, Positions], tolerance_ms: int = 10_000) -> list[str]:
    """Return one line for each position that is not where the viewer left it last."""
    found: list[str] = []
    for scene in scenes:
        for server, position in after[scene.key].items():
            if server in scene.apart:
                continue
            if position is None or abs(position - scene.expected_ms) > tolerance_ms:
                there, wanted = clock_time(position), clock_time(scene.expected_ms)
                found.append(f"{scene.title}: {there} on {server}, not {wanted}")
    return found
