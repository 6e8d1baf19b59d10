"""What is stored where, as the README says: a whole run's files, database and log are searched."""

from fnmatch import fnmatch
from pathlib import Path
import sqlite3
from typing import Any, Final

import pytest
from yarl import URL

from custom_components.resume_sync.const import DOMAIN
from tests.households.doors import door
from tests.households.entries import account_entry
from tests.repository.quality import markdown
from tests.simulators.faults import IgnoredWrite, Status
from tests.simulators.library import Film

from .household import FILMS, HOME_MOVIE, MINUTE, SHOW, USER, Household, three_servers
from .real_home import real_home

README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION: Final = markdown.sections(README)["Privacy"]
KINDS: Final = ("titles", "names", "addresses", "sign-ins")

# Not ours: what Home Assistant makes anyway.
OTHERS: Final = (".storage/auth", ".storage/http*", ".storage/repairs.issue_registry", ".storage/person*")

LONELY = Film("lonely", "Nowhere Else", 2003, 60 * MINUTE, {"imdb": "tt7654321"})
TITLES: Final = (*(film.title for film in FILMS), SHOW.title, HOME_MOVIE.title, LONELY.title)


def told_by_the_readme() -> dict[str, dict[str, str]]:
    """Return what the README says of each place."""
    (table,) = markdown.tables(SECTION)
    return {markdown.word(row["where"]): {kind: row[kind] for kind in KINDS} for row in table}


async def an_evening(home: Household, options: dict[str, Any]) -> set[str]:
    """Let everything happen once that leaves something behind: syncs, removals, undone and failed writes, outages."""
    hass = home.hass
    for server in home.servers.values():
        server.add_film(HOME_MOVIE)
    home.server("jellyfin").add_film(LONELY)
    removed = home.leave("jellyfin", "film-3", 33)
    home.leave("jellyfin", HOME_MOVIE.key, 10)
    home.leave("jellyfin", LONELY.key, 10)
    for name, pairs in (("emby", ()), ("jellyfin", (home.pair("emby", remove="source"),))):
        entry = account_entry(f"entry-{name}", door(home.servers[name], USER, f"device-{name}"), *pairs)
        await hass.config_entries.async_add(entry)
        home.entries[name] = entry
        hass.config_entries.async_update_entry(entry, options=options)
        await home.settle()

    async def sync() -> None:
        await hass.services.async_call(DOMAIN, "sync", {}, blocking=True)
        await home.settle()

    await sync()
    assert home.position("emby", "film-3") == 33
    home.server("jellyfin").viewer(USER).clear(removed)
    home.leave("jellyfin", "film-1", 42)
    home.leave("jellyfin", "show/s01e02", 10)
    await sync()
    await hass.services.async_call(DOMAIN, "undo", {"device_id": home.device_id("pair-emby")}, blocking=True)
    home.server("emby").faults.add("POST /UserItems/{item}/UserData", IgnoredWrite(), times=None)
    home.leave("jellyfin", "film-4", 20)
    await sync()
    home.server("emby").faults.clear()
    home.server("emby").faults.add("*", Status(503), times=None)
    button = {"entity_id": "button.with_emby_sync_now"}
    with pytest.raises(Exception, match="Emby"):
        await hass.services.async_call("button", "press", button, blocking=True)
    home.server("emby").faults.clear()
    home.leave("jellyfin", "film-5", 25)
    await sync()
    assert home.position("emby", "film-5") == 25
    return {entry.data["token"] for entry in home.entries.values()}


def found_in(path: Path, home: Household, tokens: set[str]) -> dict[str, bool]:
    """Tell which kinds of things a file holds."""
    text = path.read_bytes().decode("utf-8", "replace").casefold()
    addresses = {str(URL(server.url).port) for server in home.servers.values()}
    kinds = (TITLES, (f"({USER})", f"{USER}_"), (f":{port}" for port in addresses), tokens)
    return {kind: any(one.casefold() in text for one in words) for kind, words in zip(KINDS, kinds, strict=True)}


@pytest.mark.parametrize("private", [False, True])
async def test_everything_lies_where_the_readme_says(tmp_path: Path, socket_enabled: None, private: bool) -> None:
    """Titles, names, addresses and sign-ins: nowhere else, and there they are; of private accounts fewer titles."""
    servers = three_servers()
    async with servers.running(), real_home(tmp_path) as hass:
        home = Household(hass, None, {}, servers)
        tokens = await an_evening(home, {"private": True} if private else {})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    names = {path: path.relative_to(tmp_path).as_posix() for path in files}
    promised = told_by_the_readme()

    for place, kinds in promised.items():
        of_place = [path for path in files if fnmatch(names[path], place)]
        assert of_place, place
        found = [found_in(path, home, tokens) for path in of_place]
        for kind, said in kinds.items():
            expected = said != "no" and not (private and "not of private" in said)
            assert any(one[kind] for one in found) is expected, (place, kind)
    elsewhere = [path for path in files if not any(fnmatch(names[path], place) for place in (*promised, *OTHERS))]
    assert [names[path] for path in elsewhere if any(found_in(path, home, tokens).values())] == []
    modes = {names[path]: path.stat().st_mode & 0o777 for path in files if DOMAIN in names[path]}
    assert set(modes.values()) == {0o600}, modes


async def test_the_database_tells_that_something_moved(tmp_path: Path, socket_enabled: None) -> None:
    """From where to where and when, and what a sync did in numbers; but not which title it was."""
    servers = three_servers()
    async with servers.running(), real_home(tmp_path) as hass:
        await an_evening(Household(hass, None, {}, servers), {})
        shown = hass.states.get("event.with_emby_progress")
        assert shown is not None
        assert shown.attributes["title"] in TITLES
    recorded = attributes(tmp_path / "home-assistant_v2.db", "event.with_emby_progress")
    assert len(recorded) > 3
    assert any('"source":"Jellyfin (Anna)"' in one for one in recorded)
    assert [one for one in recorded if '"title"' in one or '"position"' in one] == []
    assert any('"updated":1' in one for one in attributes(tmp_path / "home-assistant_v2.db", "event.with_emby_sync"))


def attributes(database: Path, entity_id: str) -> list[str]:
    """Return the attributes that were recorded of an entity, as they stand there."""
    query = (
        "select shared_attrs from states join states_meta using (metadata_id)"
        " join state_attributes using (attributes_id) where states_meta.entity_id = ?"
    )
    with sqlite3.connect(database) as connection:
        rows = [row[0] for row in connection.execute(query, (entity_id,))]
    connection.close()
    return rows
