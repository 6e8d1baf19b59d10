"""Finding a server near an address that was typed: the other scheme, the usual ports, with and without a base path.

All of this is asked without a token or anything else of an account.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from aiohttp import ClientSession
from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from ..account.address import SCHEME_END, WEB_APP, ServerAddress, async_ask_at
from ..servers.http import JsonConnection
from ..servers.mediabrowser.emby import EmbySignIn
from ..servers.mediabrowser.jellyfin_sign_in import JellyfinSignIn
from ..servers.mediabrowser.rows import json_object
from ..sync.media_server import BadResponse, InvalidAuth, MediaServerError, NotFound, Redirected, WrongKind
from ..sync.model import ServerType
from .errors import CANNOT_CONNECT, PlexWebsite, error_key

PROBE_SECONDS: Final = 6.0
_SIGN_INS: Final = {ServerType.JELLYFIN: JellyfinSignIn, ServerType.EMBY: EmbySignIn}
_PORTS: Final = {
    ServerType.PLEX: (("http", 32400), ("https", 32400)),
    ServerType.JELLYFIN: (("http", 8096), ("https", 8920)),
    ServerType.EMBY: (("http", 8096), ("https", 8920)),
}
_BASE_PATHS: Final = {ServerType.JELLYFIN: "/jellyfin", ServerType.EMBY: "/emby"}
_WEBSITE: Final = "plex.tv"

type Sessions = Callable[[bool], ClientSession]
"""Return a session that looks at certificates, or not."""


async def async_find_server[T](
    sessions: Sessions,
    server_type: ServerType,
    typed: Mapping[str, Any],
    ask: Callable[[ServerAddress], Awaitable[T]],
) -> T:
    """Ask at the address in a form, or near it where no server of this kind answers there.

    Nothing secret may be sent before the address has answered without a redirect. Raises what `ask` raises, and
    CannotConnect where what was typed is no address.
    """
    address = ServerAddress.from_data(typed)
    if (URL(address.url).host or "").removeprefix("app.").removeprefix("www.") == _WEBSITE:
        raise PlexWebsite("This is Plex's website")
    try:
        return await async_ask_at(typed, ask)
    except MediaServerError as error:
        if not _may_be_near(error, server_type, address.url):
            raise
        told = error
    session = sessions(address.verify_ssl)
    urls = dict.fromkeys((address.url, str(URL(address.url).origin())))
    others = [(kind, url) for kind in ServerType if kind is not server_type for url in urls]
    web_app = _base_of_web_app(address.url, told.location) if isinstance(told, Redirected) else None
    near = [web_app] if web_app else candidates(typed[CONF_URL], server_type)
    outcomes = await asyncio.gather(
        *(_outcome(session, server_type, url) for url in near),
        *(_outcome(session, kind, url) for kind, url in others),
    )
    for url, outcome in zip(near, outcomes, strict=False):
        if outcome is None:
            return await async_ask_at({CONF_URL: url, CONF_VERIFY_SSL: address.verify_ssl}, ask)
    for (kind, _), outcome in zip(others, outcomes[len(near) :], strict=True):
        if outcome is None:
            raise WrongKind(kind)
    failures = (outcome for outcome in outcomes[: len(near)] if outcome is not None and _says_more(outcome))
    if server_type is not ServerType.PLEX and isinstance(told, InvalidAuth):
        told = BadResponse("What answers here is no such server")
    raise next(failures, told)


def candidates(typed: str, server_type: ServerType) -> list[str]:
    """Return the addresses near one that was typed, the likeliest first; a scheme that was typed is never weakened."""
    base = URL(ServerAddress.from_data({CONF_URL: typed, CONF_VERIFY_SSL: True}).url)
    schemes = ("https",) if base.scheme == "https" and SCHEME_END in typed else ("http", "https")
    origins = [base.origin()]
    if base.explicit_port is None:
        usual = _PORTS[server_type]
        origins += [base.origin().with_scheme(scheme).with_port(port) for scheme, port in usual if scheme in schemes]
    if "https" in schemes and base.scheme == "http":
        origins.append(base.origin().with_scheme("https").with_port(base.explicit_port))
    path = base.path.rstrip("/")
    paths = [path, "" if path else _BASE_PATHS.get(server_type, "")]
    urls = [f"{str(origin).rstrip('/')}{each}" for each in dict.fromkeys(paths) for origin in origins]
    return [url for url in urls if url != str(base).rstrip("/")]


async def _outcome(session: ClientSession, server_type: ServerType, url: str) -> MediaServerError | None:
    """Return why no server of a kind answers at an address; None: one does."""
    try:
        if server_type is ServerType.PLEX:
            await _ask_plex(session, url)
        else:
            sign_in = _SIGN_INS[server_type]
            await sign_in(session, url=url, device_id=str(uuid4()), timeout_seconds=PROBE_SECONDS).server_info()
    except MediaServerError as error:
        return error
    return None


async def _ask_plex(session: ClientSession, url: str) -> None:
    """Make sure that a Plex Media Server answers at an address; raises BadResponse."""
    answer = await JsonConnection(session, url, {}, timeout_seconds=PROBE_SECONDS).get("/identity")
    json_object(json_object(answer.body).get("MediaContainer"))


def _may_be_near(error: MediaServerError, server_type: ServerType, url: str) -> bool:
    """Tell whether a server may be near an address that has answered with this.

    Plex refuses whoever asks for what it does not have: only without a path does this say something about a token.
    """
    if isinstance(error, InvalidAuth):
        return server_type is not ServerType.PLEX or URL(url).path != "/"
    if isinstance(error, Redirected):
        return _base_of_web_app(url, error.location) is not None
    return isinstance(error, NotFound) or error_key(error) == CANNOT_CONNECT


def _base_of_web_app(url: str, location: str) -> str | None:
    """Return the base path of a server that redirects to its own web app: `/jellyfin/web/` is `…:8096/jellyfin`."""
    path, web, _ = location.partition(f"/{WEB_APP}/")
    base = f"{URL(url).origin()}".rstrip("/") + path
    return base if web and path.startswith("/") and not path.startswith("//") and base != url else None


def _says_more(error: MediaServerError) -> bool:
    """Tell whether an error names a cause that somebody can do something about."""
    return not isinstance(error, InvalidAuth | Redirected) and error_key(error) != CANNOT_CONNECT
