"""The parts of the demonstration that judge: whether servers agree, and whether anything else was touched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.demo.media_servers import OTHERS, VIEWER, DemoServers, unasked_changes
from tests.demo.report import disagreements, keys_by_row, positions_table, reasons
from tests.demo.scenes import MINUTE, SERVERS, Left, Scene, write_scenes
from tests.households.home_assistant import HomeAssistant
from tests.simulators.library import catalogue

WORLD = catalogue(films=120, shows=40)
SCENE = Scene("film-1", "Lost Echo (1999)", 90 * MINUTE, {"Plex": Left(MINUTE, 60.0)}, 30 * MINUTE)


def test_scenes_are_different_titles_that_every_server_has() -> None:
    """No title is in two scenes, all kinds of surprises are among them, and each server holds all of them."""
    scenes = write_scenes(WORLD)
    servers = DemoServers(WORLD, scenes)

    assert len({scene.key for scene in scenes}) == len(scenes)
    assert {name for scene in scenes for name in scene.left} == set(SERVERS)
    assert any(scene.unmatched for scene in scenes)
    assert any(left.finished for scene in scenes for left in scene.left.values())
    assert any(len(scene.left) == len(SERVERS) for scene in scenes)
    for scene in scenes:
        for name, position in servers.positions(scene.key).items():
            assert position == (scene.left[name].position_ms if name in scene.left else 0)
    assert servers.keys_in_progress() == {scene.key for scene in scenes if any(servers.positions(scene.key).values())}


def test_disagreement_is_found() -> None:
    """A position elsewhere, and a title that a server lost, are told; a server that rightly differs is not."""
    minute_off = {SCENE.key: {"Plex": 30 * MINUTE, "Jellyfin": 29 * MINUTE, "Emby": None}}

    assert disagreements([SCENE], minute_off) == [
        "Lost Echo (1999): 0:29:00 on Jellyfin, not 0:30:00",
        "Lost Echo (1999): - on Emby, not 0:30:00",
    ]
    apart = replace(SCENE, apart={"Jellyfin": "finished there", "Emby": "not there"})
    assert disagreements([apart], minute_off) == []
    assert disagreements([SCENE], {SCENE.key: dict.fromkeys(SERVERS, 30 * MINUTE + 4000)}) == []


def test_changes_that_nobody_asked_for_are_found() -> None:
    """The viewer's positions in the scenes may move; marks, counts and other people's states may not."""
    scenes = write_scenes(WORLD)
    servers = DemoServers(WORLD, scenes)
    server = servers.emby
    in_scene, elsewhere = server.items_of(scenes[0].key)[0], server.items_of("film-0002")[0]
    items = {name: {item for scene in scenes for item in each.items_of(scene.key)} for name, each in servers.items()}
    before = servers.states()

    server.set_state(VIEWER, in_scene, position_ms=MINUTE)
    assert unasked_changes(before, servers.states(), items) == []

    server.set_state(VIEWER, in_scene, watched=True)
    server.set_state(VIEWER, elsewhere, position_ms=MINUTE)
    server.set_state(OTHERS[0], in_scene, position_ms=MINUTE)
    assert len(unasked_changes(before, servers.states(), items)) == 3


def test_report_names_reasons_by_title() -> None:
    """Rows of films and episodes are found by what the integration calls them."""
    film, show = WORLD.films[0], WORLD.shows[0]
    episode = show.episodes[0]
    films_row: dict[str, Any] = {
        "title": film.title,
        "season": None,
        "episode": None,
        "from": "Plex (Anna)",
        "to": "Emby (Anna)",
    }
    episodes_row = films_row | {
        "title": f"{show.title}: {episode.title}",
        "season": episode.season,
        "episode": episode.number,
    }
    rows = [films_row | {"action": "write", "reason": "newer_position"}]
    rows += [episodes_row | {"action": "none", "reason": "in_sync"}]
    response = {"pairs": [{"name": "Plex and Emby", "items": rows}]}
    keys = keys_by_row(WORLD)
    episode_key = show.episode_key(episode.season, episode.number)

    why = reasons(response, keys)
    assert why[film.key] == {"Plex and Emby": ("newer_position", "Plex > Emby")}
    assert why[episode_key] == {"Plex and Emby": ("in_sync", "Plex > Emby")}
    assert set(reasons(response, keys, only_idle=True)) == {episode_key}

    scene = replace(SCENE, key=film.key)
    before, after = dict.fromkeys(SERVERS, 0), {"Plex": 0, "Jellyfin": 0, "Emby": 30 * MINUTE}
    line = list(positions_table([scene], {film.key: before}, {film.key: after}, why))[1]
    assert "0:00:00 > 0:30:00" in line
    assert line.endswith("newer_position: Plex > Emby")


def test_what_a_slow_machine_brings_about_is_no_complaint(tmp_path: Path) -> None:
    """Home Assistant's remarks on slow starts, and a round that falls into a reload, are no fault of ours."""
    home = HomeAssistant(tmp_path, 1, {})
    slow = "WARNING [homeassistant.components.sensor] Setup of sensor platform resume_sync is taking over 10 seconds."
    in_a_reload = "ERROR [custom_components.resume_sync] Error fetching A data: B is not set up at the moment."
    fault = "ERROR [custom_components.resume_sync] Unexpected error fetching A data"
    home.log.write_text(f"{slow}\n{in_a_reload}\n{fault}\nERROR [homeassistant] Something else", encoding="utf-8")

    assert home.complaints() == [fault]
