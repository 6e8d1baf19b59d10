"""Home Assistant's own HTTP interface, used as the browser uses it."""

from collections.abc import Mapping
from typing import Any, cast

import aiohttp

from tests.waiting import until

type Json = dict[str, Any]

FLOWS = "/api/config/config_entries/flow"
PAIR_FLOWS = "/api/config/config_entries/subentries/flow"


class UnexpectedAnswer(Exception):
    """Home Assistant answered something else than was to come."""


class RestClient:
    """An administrator's requests to one Home Assistant."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Take a session and the address; `create_user` comes before everything else."""
        self._session = session
        self._url = url
        self._headers: dict[str, str] = {}

    async def create_user(self, name: str, username: str, password: str) -> None:
        """Do the first step of the onboarding and sign in as the user that it makes."""
        client_id = f"{self._url}/"
        user = {"client_id": client_id, "name": name, "username": username, "password": password, "language": "en"}
        code = (await self.post("/api/onboarding/users", user))["auth_code"]
        token = await self._long_lived(await self._token_for(code))
        self._headers = {"Authorization": f"Bearer {token}"}

    async def sign_in(self, username: str, password: str) -> str:
        """Return an access token of another user."""
        asked = {"client_id": f"{self._url}/", "handler": ["homeassistant", None], "redirect_uri": f"{self._url}/"}
        flow = await self.post("/auth/login_flow", asked)
        entered = {"client_id": f"{self._url}/", "username": username, "password": password}
        return await self._token_for((await self.post(f"/auth/login_flow/{flow['flow_id']}", entered))["result"])

    async def _token_for(self, code: str) -> str:
        """Return the access token that a code stands for."""
        form = {"grant_type": "authorization_code", "code": code, "client_id": f"{self._url}/"}
        async with self._session.post(f"{self._url}/auth/token", data=form) as response:
            return str((await self._read(response))["access_token"])

    async def _long_lived(self, token: str) -> str:
        """Return a token for a day in exchange for one that ends after half an hour."""
        asked = {"id": 1, "type": "auth/long_lived_access_token", "client_name": "Tests", "lifespan": 1}
        async with self._session.ws_connect(f"{self._url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            await socket.send_json(asked)
            return str((await socket.receive_json())["result"])

    @property
    def token(self) -> str:
        """The user's access token."""
        return self._headers["Authorization"].removeprefix("Bearer ")

    async def get(self, path: str) -> Any:
        """Return what a GET answers."""
        async with self._session.get(self._url + path, headers=self._headers) as response:
            return await self._read(response)

    async def text(self, path: str) -> str:
        """Return a page as it is sent."""
        async with self._session.get(self._url + path) as response:
            return await response.text()

    async def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Return what a POST answers."""
        async with self._session.post(self._url + path, json=dict(data), headers=self._headers) as response:
            return await self._read(response)

    async def call(self, action: str, data: Mapping[str, Any] | None = None) -> Json:
        """Call one of the integration's actions and return its response."""
        answer = await self.post(f"/api/services/resume_sync/{action}?return_response", data or {})
        return cast("Json", answer["service_response"])

    async def start_flow(self, path: str, handler: str | list[str]) -> Json:
        """Open a flow and return its first step."""
        return cast("Json", await self.post(path, {"handler": handler, "show_advanced_options": False}))

    async def answer(self, path: str, step: Json, data: Mapping[str, Any], *, wait: bool = True) -> Json:
        """Answer one step of a flow; return the next one, once it waits for an answer, or the end."""
        step = cast("Json", await self.post(f"{path}/{step['flow_id']}", data))
        return await self.wait(path, step) if wait else step

    async def wait(self, path: str, step: Json) -> Json:
        """Wait while a flow shows progress."""

        def is_ready(step: Json) -> bool:
            return step["type"] not in ("progress", "progress_done")

        if is_ready(step):
            return step
        return await until(lambda: self.get(f"{path}/{step['flow_id']}"), is_ready, "an end of the progress")

    async def until_running(self) -> str:
        """Wait until Home Assistant has started for good; return its version."""
        config = await until(lambda: self.get("/api/config"), lambda config: config["state"] == "RUNNING", "RUNNING")
        return str(config["version"])

    async def entries(self) -> list[Json]:
        """Return the accounts."""
        return cast("list[Json]", await self.get("/api/config/config_entries/entry?domain=resume_sync"))

    async def until_loaded(self, entry_id: str) -> None:
        """Wait until an account is set up: it starts afresh when it gets a pair."""

        async def state() -> str | None:
            return next((str(entry["state"]) for entry in await self.entries() if entry["entry_id"] == entry_id), None)

        await until(state, lambda state: state == "loaded", "loaded")

    async def _read(self, response: aiohttp.ClientResponse) -> Any:
        """Return the decoded answer; a failure says what came instead."""
        if response.status >= 400:
            message = f"{response.method} {response.url.path}: {response.status} {(await response.text())[:500]}"
            raise UnexpectedAnswer(message)
        return await response.json()


def expect(step: Json, kind: str, step_id: str | None = None) -> Json:
    """Return the step, if it is the one that was to come."""
    if step["type"] != kind or (step_id is not None and step.get("step_id") != step_id) or step.get("errors"):
        known = {key: step.get(key) for key in ("type", "step_id", "errors", "reason", "description_placeholders")}
        message = f"expected {kind} {step_id or ''}, got {known}"
        raise UnexpectedAnswer(message)
    return step
