"""The address of a media server, as people type or paste it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from ..sync.media_server import CannotConnect, Redirected

SCHEME_END: Final = "://"
WEB_APP: Final = "web"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server answers. `url` is `http(s)://host[:port][/base/path]`, without a slash at the end."""

    url: str
    verify_ssl: bool

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the address from an entry or a form; raises CannotConnect where what was typed is no address."""
        return cls(normalise_url(data[CONF_URL]), data[CONF_VERIFY_SSL])

    def over_https(self, location: str) -> ServerAddress | None:
        """Return this address over https where a redirect leads to the same host over https, else None.

        `media.example:8096` that redirects to `https://media.example:8920/…` is `https://media.example:8920`.
        """
        typed = URL(self.url)
        try:
            target = URL(location)
        except ValueError:
            return None
        if (typed.scheme, target.scheme, target.host) != ("http", "https", typed.host):
            return None
        return ServerAddress(str(target.origin().with_path(typed.path)).rstrip("/"), self.verify_ssl)


async def async_ask_at[T](typed: Mapping[str, Any], ask: Callable[[ServerAddress], Awaitable[T]]) -> T:
    """Ask at the address in a form: over https where no scheme was typed and http redirects there.

    Nothing secret may be sent before the address has answered without a redirect. Raises what `ask` raises, and
    CannotConnect where what was typed is no address.
    """
    address = ServerAddress.from_data(typed)
    try:
        return await ask(address)
    except Redirected as redirect:
        secure = address.over_https(redirect.location)
        if secure is None or SCHEME_END in typed[CONF_URL]:
            raise
    return await ask(secure)


def normalise_url(text: str) -> str:
    """Return the base address of a server from what was typed or copied from a browser.

    The scheme may be missing (`http://` is meant), and whatever belongs to the server's own web app (`/web/…`, query,
    fragment) is cut off; a base path stays. Raises CannotConnect where nothing can be reached under that text.
    """
    text = text.strip()
    if SCHEME_END not in text:
        text = f"http://{text}"
    try:
        url = URL(text)
        origin = url.origin()
    except ValueError as error:
        raise CannotConnect("This is no web address") from error
    if url.scheme not in ("http", "https") or " " in origin.authority:
        raise CannotConnect("This is no web address")
    path = url.path.split(f"/{WEB_APP}/")[0].removesuffix(f"/{WEB_APP}")
    return str(origin.with_path(path)).rstrip("/")
