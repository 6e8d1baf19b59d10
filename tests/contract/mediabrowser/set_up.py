"""The first set-up of a server that is new, as containers are."""

import asyncio

import aiohttp

from tests.contract.client import Client
from tests.contract.fact import Differs
from tests.contract.servers import Kind

_SECONDS = 180
_TONGUE = {"UICulture": "en-US", "MetadataCountryCode": "US", "PreferredMetadataLanguage": "en"}


async def set_up(http: aiohttp.ClientSession, kind: Kind, url: str, user: str, password: str) -> None:
    """Wait until a new server answers, and make its administrator; raises Differs."""
    nobody = Client(http, url, {})
    await _answers(nobody)
    await nobody.done("POST", "/Startup/Configuration", body=_TONGUE)
    await nobody.done("GET", "/Startup/User")
    await nobody.done("POST", "/Startup/User", body={"Name": user, "Password": password})
    if kind is Kind.JELLYFIN:
        await nobody.ask("POST", "/Startup/RemoteAccess", body={"EnableRemoteAccess": True})
    await nobody.done("POST", "/Startup/Complete")


async def _answers(nobody: Client) -> None:
    """Wait for a server to be up; raises Differs."""
    seen: object = "no answer"
    for _ in range(_SECONDS):
        try:
            answer = await nobody.ask("GET", "/Startup/User")
        except (aiohttp.ClientError, OSError) as error:
            seen = error
        else:
            seen = answer.status
            if answer.status == 200:
                return
            if answer.status < 500:
                break
        await asyncio.sleep(1)
    raise Differs(f"the server is not ready to be set up ({seen})")
