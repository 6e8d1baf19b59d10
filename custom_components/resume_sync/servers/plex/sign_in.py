"""The identity of a Plex server, the user of a token there, and the settings that only the owner may read."""

import re
from typing import Final
from xml.etree.ElementTree import Element

from ...sync.media_server import AnotherServer, BadResponse, InvalidAuth, NotAllowed, NotFound, UnsupportedVersion
from ...sync.model import ServerType
from ..http import CONFIRM_SECONDS, real_now
from ..limits import ORDINARY, Limits
from ..plain_text import plain_text, whole_number
from ..sign_in import ServerInfo, ServerUser
from .sessions import LIMITS_OF_SESSIONS, OWNER_ID, PlexAccounts, read_accounts
from .transport import PlexTransport, media_container

# The agents of 2020 came with 1.20: before them, libraries hold no external ids besides those of legacy agents.
MINIMUM_VERSION: Final = (1, 20)
DEFAULT_WATCHED_PERCENT: Final = 90


async def server_info(transport: PlexTransport) -> ServerInfo:
    """Return the server, once it has accepted the token.

    Raises CannotConnect, BadResponse where no Plex server or another one answers, UnsupportedVersion, InvalidAuth.
    """
    server_id, version = await transport.identity()
    numbers = re.match(r"([0-9]{1,4})\.([0-9]{1,4})", version)
    if numbers is not None and (int(numbers[1]), int(numbers[2])) < MINIMUM_VERSION:
        raise UnsupportedVersion("Plex Media Server is too old")
    root = media_container(await transport.read("/"))
    name = plain_text(root.get("friendlyName", "")) or "Plex Media Server"
    return ServerInfo(ServerType.PLEX, server_id, name, version)


async def owners_accounts(transport: PlexTransport) -> PlexAccounts | None:
    """Return the accounts of the server if it takes the token for its owner's; None if it refuses them.

    `/accounts` is not documented. Where it is not answered, `/status/sessions` is asked, which is the owner's alone by
    the document; then no accounts are known. Raises BadResponse where neither is answered or refused.
    """
    try:
        return read_accounts(await _owners_alone(transport, "/accounts"))
    except AnotherServer:
        raise
    except InvalidAuth, NotAllowed:
        return None
    except NotFound, BadResponse:
        pass
    try:
        await _owners_alone(transport, "/status/sessions", LIMITS_OF_SESSIONS)
    except InvalidAuth, NotAllowed:
        return None
    except NotFound:
        raise BadResponse("The server does not tell its owner from others") from None
    return PlexAccounts({}, {})


async def _owners_alone(transport: PlexTransport, path: str, limits: Limits = ORDINARY) -> Element:
    """Return the answer to a request that everybody but the owner is refused."""
    return media_container(await transport.read(path, limits=limits, confirm=False))


async def watched_percent(transport: PlexTransport) -> int:
    """Return the percentage of a title at which the server marks it watched; the default 90 where it is not told."""
    try:
        answer = await transport.read("/:/prefs/get", {"id": "LibraryVideoPlayedThreshold"}, confirm=False)
        return _threshold(media_container(answer))
    except InvalidAuth, NotAllowed, NotFound, BadResponse:
        return DEFAULT_WATCHED_PERCENT


def _threshold(container: Element) -> int:
    """Return the setting's value in percent."""
    for setting in container.iterfind("Setting"):
        percent = whole_number(setting.get("value", ""), 100)
        if setting.get("id") == "LibraryVideoPlayedThreshold" and percent:
            return percent
    return DEFAULT_WATCHED_PERCENT


async def plex_identify(
    url: str,
    token: str,
    verify_ssl: bool,  # noqa: FBT001  # in the order in which a form asks for them
    device_id: str,
    *,
    confirm_seconds: float = CONFIRM_SECONDS,
) -> tuple[ServerInfo, ServerUser | None]:
    """Return a server and the user of a token there; None for the user unless it is the owner, whose name may be empty.

    In a network that is allowed without auth, every token passes for the owner's, even an invalid one. Raises
    MediaServerError.
    """
    transport = PlexTransport(
        url=url,
        token=token,
        device_id=device_id,
        now=real_now,
        verify_ssl=verify_ssl,
        confirm_seconds=confirm_seconds,
    )
    try:
        info = await server_info(transport)
        accounts = await owners_accounts(transport)
    finally:
        await transport.close()
    if accounts is None:
        return info, None
    return info, ServerUser(OWNER_ID, accounts.owner_name or "")
