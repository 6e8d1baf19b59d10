"""A real Home Assistant with its real frontend, in a process and a folder of its own."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import json
import os
from pathlib import Path
import secrets
import socket
import sys
from typing import Any, Self

import aiohttp

HOST = "127.0.0.1"
START_SECONDS = 600
STOP_SECONDS = 180
"""They end what hangs: who is killed has not saved everything."""

_REPOSITORY = Path(__file__).parents[2]
_STAND_INS = Path(__file__).parent / "stand_ins"
_CONFIGURATION = """\
homeassistant:
  name: Resume Sync
frontend:
config:
history:
logbook:
logger:
  default: warning
  logs:
    # Packages of the system that are not installed here.
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    aiohttp_fast_zlib: error
"""
_EXPECTED_OUTPUT = (
    "Skipping pip installation of required modules",
    "We found a custom integration resume_sync which has not been tested by Home Assistant",
)
_SLOW = (
    "is taking over",
    "Waiting for integrations to complete setup",
    "Something is blocking Home Assistant from wrapping up the start up phase",
)
"""What Home Assistant says on a slow machine."""

_RELOAD = ("is not set up at the moment", "was interrupted because one of its accounts was reloaded or removed")
"""What a pair says of a round that falls into a reload: one that is due at 12:05:00, while an account gets a pair."""

# No system gives these ports to outgoing connections, as Linux does from 32768 on: a port that is free now is free
# when Home Assistant opens it seconds later, and again after it was killed.
_FIRST_PORT, _PORTS = 20_000, 10_000
_WEB_SERVER = {
    "cors_allowed_origins": [],
    "login_attempts_threshold": -1,
    "ip_ban_enabled": True,
    "ssl_profile": "modern",
    "use_x_frame_options": True,
    "created_at": "2026-01-01T00:00:00+00:00",
    "error": None,
    "error_message": None,
}


class HomeAssistantFailed(Exception):
    """Home Assistant did not start, or ended by itself."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    while not is_free(port := _FIRST_PORT + secrets.randbelow(_PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Tell whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((HOST, port))
            return True
        return False


def _stored(folder: Path, key: str, version: int, minor_version: int, data: dict[str, Any]) -> None:
    """Write a file as Home Assistant's own storage keeps it."""
    content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
    (folder / key).write_text(json.dumps(content), encoding="utf-8")


class HomeAssistant:
    """A Home Assistant that runs inside of `async with`. It listens on this machine only."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        """Take an empty folder for its configuration, the port of its web server, and variables for its process."""
        self.url = f"http://{HOST}:{port}"
        self.log = folder / "output.log"
        self.storage = folder / ".storage"
        self._folder = folder
        self._port = port
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Configure it and start."""
        self._configure()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, gently first."""
        await self.stop()

    async def start(self) -> None:
        """Start, and return when the web server answers; raises HomeAssistantFailed or TimeoutError."""
        path = os.pathsep.join(filter(None, (str(_STAND_INS), os.environ.get("PYTHONPATH"))))
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "homeassistant",
                "--config",
                str(self._folder),
                "--skip-pip",
                cwd=self._folder,
                env={**os.environ, **self._environment, "PYTHONPATH": path},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_it_answers()
        except BaseException:
            await self.stop()
            raise

    async def kill(self) -> None:
        """Let the process die at once, as in a loss of power."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Stop, gently first."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            await self.kill()

    def _configure(self) -> None:
        """Fill the configuration folder; all of the onboarding but the user is done."""
        (self._folder / "configuration.yaml").write_text(_CONFIGURATION, encoding="utf-8")
        integrations = self._folder / "custom_components"
        integrations.mkdir()
        (integrations / "resume_sync").symlink_to(_REPOSITORY / "custom_components" / "resume_sync")
        self.storage.mkdir()
        _stored(self.storage, "onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]})
        web_server = _WEB_SERVER | {"server_host": [HOST], "server_port": self._port}
        _stored(self.storage, "http", 2, 2, {"stable": web_server, "pending": None, "yaml_migration_done": True})

    async def _until_it_answers(self) -> None:
        """Ask for a page of the frontend until it comes."""
        assert self._process is not None
        async with aiohttp.ClientSession() as session:
            while True:
                if self._process.returncode is not None:
                    message = "\n".join(["Home Assistant ended while starting", *self.output()[-40:]])
                    raise HomeAssistantFailed(message)
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/manifest.json") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.2)

    def output(self) -> list[str]:
        """Return the lines that it printed, without those that come every time."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if not any(text in line for text in _EXPECTED_OUTPUT)]

    def complaints(self) -> list[str]:
        """Return what it printed about the integration, without what a slow machine or a reload brings about."""
        return [
            line
            for line in self.output()
            if "resume_sync" in line and not any(text in line for text in (*_SLOW, *_RELOAD))
        ]
