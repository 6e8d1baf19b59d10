"""The workflow that asks the newest servers: every command line of it is run here, against simulated ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import shlex
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

from tests.simulators.clock import SimulatedClock
from tests.simulators.faults import IgnoredWrite
from tests.simulators.mediabrowser.emby import SimulatedEmby
from tests.simulators.mediabrowser.jellyfin import SimulatedJellyfin
from tests.simulators.port import running

ROOT = Path(__file__).parents[2]
JOB: dict[str, Any] = load_yaml_dict(ROOT / ".github" / "workflows" / "contract.yml")["jobs"]["contract"]
COMMANDS = [step for step in JOB["steps"] if "run" in step]
SERVERS = {each["server"]: each["image"] for each in JOB["strategy"]["matrix"]["include"]}
SECONDS_OF_A_QUESTION = 25

STAND_IN = """#!/usr/bin/env bash
printf '%s' "$0" | sed 's|.*/||' >> calls
printf ' %q' "$@" >> calls
echo >> calls
case "$1 $2" in "issue list") cat open 2> /dev/null || true ;; esac
"""
"""Notes how docker and gh are called; gh knows the issue whose number is in the file `open`."""


@dataclass
class Runner:
    """A machine that runs the workflow in a folder of its own. `server` is what stands for the container."""

    folder: Path
    server: SimulatedJellyfin | SimulatedEmby

    @property
    def calls(self) -> list[list[str]]:
        """How docker and gh were called."""
        return [shlex.split(line) for line in self.folder.joinpath("calls").read_text(encoding="utf-8").splitlines()]

    async def run(self) -> tuple[bool, list[str]]:
        """Run all steps as GitHub does; return whether all went well, and what those said that ran."""
        kind = "jellyfin" if isinstance(self.server, SimulatedJellyfin) else "emby"
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "ADDRESS": self.server.url,
            "IMAGE": SERVERS[kind],
            "SERVER": kind,
        }
        well, said = True, []
        for step in COMMANDS:
            condition = step.get("if", "success()")
            if "hashFiles" in condition and not self.folder.joinpath("contract.md").exists():
                continue
            if "always()" not in condition and ("failure()" in condition) == well:
                continue
            process = await asyncio.create_subprocess_exec(
                *("bash", "-e", "-o", "pipefail", "-c", step["run"]),
                cwd=self.folder,
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            text, _ = await process.communicate()
            said.append(text.decode())
            well = well and process.returncode == 0
        return well, said


@asynccontextmanager
async def machine(folder: Path, server: SimulatedJellyfin | SimulatedEmby) -> AsyncIterator[Runner]:
    """Give a machine with this repository checked out, and a new server that sees its folder as /media."""
    for path in ROOT.iterdir():
        folder.joinpath(path.name).symlink_to(path)
    folder.joinpath("bin").mkdir()
    for name in ("docker", "gh"):
        stand_in = folder / "bin" / name
        stand_in.write_text(STAND_IN, encoding="utf-8")
        stand_in.chmod(0o755)
    server.set_up = False
    server.administration.folders["/media"] = folder / "media"
    # The program waits for the server's time to pass: it passes when it is asked for.
    server.on_question("GET /System/Info/Public", lambda: server.clock.advance(SECONDS_OF_A_QUESTION))
    async with running(server):
        yield Runner(folder, server)


@pytest.mark.parametrize("make", [SimulatedJellyfin, SimulatedEmby])
async def test_all_the_same(
    socket_enabled: None, tmp_path: Path, make: type[SimulatedJellyfin | SimulatedEmby]
) -> None:
    """A container is started with the media folder, everything is asked, the container goes, no issue is opened."""
    async with machine(tmp_path, make(clock=SimulatedClock())) as runner:
        well, said = await runner.run()
    assert well, "\n".join(said)
    assert "0 not asked" in "\n".join(said)
    start, end = runner.calls
    assert start[:3] == ["docker", "run", "--detach"]
    assert f"{tmp_path}/media:/media" in start
    assert start[-1] in SERVERS.values()
    assert end == ["docker", "rm", "--force", "server"]
    assert list(tmp_path.joinpath("media").iterdir()) == []


@pytest.mark.parametrize(("known", "expected"), [("", "create"), ("17", "comment")])
async def test_a_fact_has_changed(socket_enabled: None, tmp_path: Path, known: str, expected: str) -> None:
    """An issue is opened with what was seen, or the one that is open gets a comment."""
    server = SimulatedJellyfin(clock=SimulatedClock())
    server.faults.add("DELETE /UserPlayedItems/{item}", IgnoredWrite(), times=None)
    tmp_path.joinpath("open").write_text(known, encoding="utf-8")
    async with machine(tmp_path, server) as runner:
        well, said = await runner.run()
    assert not well
    calls = [call[1:3] for call in runner.calls if call[0] == "gh"]
    assert calls == [["issue", "list"], ["issue", expected]], said
    assert "Marking as unwatched" in tmp_path.joinpath("contract.md").read_text(encoding="utf-8")


async def test_a_container_that_does_not_come_up(socket_enabled: None, tmp_path: Path) -> None:
    """Is no fact that has changed: the job fails without an issue; here it is one that is set up."""
    async with machine(tmp_path, SimulatedJellyfin(clock=SimulatedClock())) as runner:
        runner.server.set_up = True
        well, said = await runner.run()
    assert not well
    assert "not ready to be set up" in "\n".join(said)
    assert [call[0] for call in runner.calls] == ["docker"] * 3
