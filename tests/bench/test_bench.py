"""The benchmark itself, on the smallest home that all scenarios fit into."""

from pathlib import Path

import pytest

from .__main__ import live_through_pushes, plans
from .home import open_home
from .live_home import PLACES
from .result import Results
from .scenarios import SCENARIOS
from .server_process import ServerProcess
from .size import Size
from .table import comparison, table

SIZE = Size(films=60, shows=20, episodes=4, in_progress=5, stops=2)

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_every_scenario_in_every_home(tmp_path: Path) -> None:
    """All accounts agree at the end, and what was measured survives in a file and compares as the same."""
    measurements = []
    with ServerProcess(SIZE, ("anna", "ben")) as servers:
        for plan in plans():
            async with open_home(plan, SIZE, servers) as home:
                for scenario in SCENARIOS:
                    await scenario(home)
                assert home.agreed()
                measurements += home.measurements
    results = Results(str(SIZE), measurements, {"plex": 1.0})

    assert len(measurements) == len(plans()) * len(SCENARIOS)
    assert all(one.requests and one.size and one.seconds for one in measurements)
    results.save(tmp_path / "figures.json")
    assert Results.load(tmp_path / "figures.json") == results
    assert "ten pairs, six accounts" in table(results)
    ratios = comparison(results, results).splitlines()[2:]
    assert len(ratios) == len(measurements) + 1
    assert all("1.00" in line for line in ratios)


async def test_every_scenario_with_pushes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stop arrives, an hour costs twelve polls and what keeps connections open, and storms wear off."""
    monkeypatch.setenv("RESUME_SYNC_LIVE_UPDATES", "on")
    measurements, delays = await live_through_pushes(SIZE)
    results = Results(str(SIZE), measurements, {}, delays)

    assert len(delays) == len(PLACES) * (len(PLACES) - 1)
    assert all(0 < delay.median <= delay.highest_of_95 and delay.stops == SIZE.stops for delay in delays)
    _, hour, storm = measurements
    assert {kind: asked.requests for kind, asked in hour.asked.items()} == {
        "plex": {"GET /library/all": 24},
        "jellyfin": {"GET /Items": 12, "message": 120},
        "emby": {"GET /Users/{user}/Items": 12},
    }
    assert 0 < storm.requests < 150
    results.save(tmp_path / "figures.json")
    assert Results.load(tmp_path / "figures.json") == results
    assert "plex to emby" in table(results)
    assert "plex to emby: 1.00" in comparison(results, results)
