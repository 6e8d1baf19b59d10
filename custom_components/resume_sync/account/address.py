"""The address of a media server, as people type or paste it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from homeassistant.const import CONF_URL, CONF_VERIFY_SSL
from yarl import URL

from ..sync.media_server import CannotConnect

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


def normalise_url(text: str) -> str:
    """Return the base address of a server from what was typed or copied from a browser.

    The scheme may be missing (`http://` is meant), and whatever belongs to the server's own web app (`/web/…`, query,
    fragment) is cut off; a base path stays. Raises CannotConnect where nothing can be reached under that text.
    """
    text = text.strip()
    if "://" not in text:
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
