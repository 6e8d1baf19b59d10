"""What the demonstration prints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.simulators.library import Catalogue

from .rest_client import Json
from .scenes import SERVERS, Scene

type Positions = Mapping[str, int | None]

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


def reasons(response: Json, keys: Mapping[tuple[str, int | None, int | None], str]) -> dict[str, list[str]]:
    """Return by title what an action's response says about it, one line per pair."""
    found: dict[str, list[str]] = defaultdict(list)
    for pair in response["pairs"]:
        for row in pair["items"]:
            key = keys[row["title"], row["season"], row["episode"]]
            way = f"{_server(row['from'])} > {_server(row['to'])}: " if row["from"] and row["to"] else ""
            found[key].append(f"{way}{row['reason']}")
    return found


def _server(account: str) -> str:
    """Return the server of an account's name."""
    return account.partition(" ")[0]


def positions_table(
    scenes: Sequence[Scene],
    before: Mapping[str, Positions],
    after: Mapping[str, Positions],
    why: Mapping[str, Sequence[str]],
) -> Iterable[str]:
    """Yield the lines of the table of titles: the position on each server before and after, with the reasons."""
    header = "".join(f"{server:<{_POSITION_WIDTH}}" for server in SERVERS)
    yield f"{'Title':<{_TITLE_WIDTH}}{header}Why"
    for scene in scenes:
        cells = "".join(
            f"{change(before[scene.key][server], after[scene.key][server]):<{_POSITION_WIDTH}}" for server in SERVERS
        )
        title = scene.title if len(scene.title) < _TITLE_WIDTH else f"{scene.title[: _TITLE_WIDTH - 4]}..."
        yield f"{title:<{_TITLE_WIDTH}}{cells}{scene.story}".rstrip()
        for line in dict.fromkeys(why.get(scene.key, ())):
            yield f"{'':<{_TITLE_WIDTH + _POSITION_WIDTH * len(SERVERS)}}  {line}"


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
                found.append(f"{scene.title}: {there} on {server}, not {wanted} ({scene.story})")
    return found
