"""Where Jellyfin and Emby need different requests for the same thing, as data."""

from dataclasses import dataclass
import re
from urllib.parse import quote

from ...sync.media_server import UnsupportedVersion
from ...sync.model import DateMeaning, ServerTraits, ServerType
from .rows import Row

CLIENT_NAME = "Resume Sync"
CLIENT_VERSION = "0.1.0"
DEVICE_NAME = "Home Assistant"

_VERSION = re.compile(r"[vV]?(\d{1,4})\.(\d{1,4})(?:[.\-+][\w.\-+]{0,50})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The requests of one kind of server.

    `item_id` matches its item ids; `oldest` is the first version supported. `items_path` and `user_query` select a
    user's items, `views_path` the user's libraries. `fields` have to be asked for in rows with user data, `item_fields`
    in rows without. `token_header` carries the token beside `Authorization`: that Emby reads the latter is not
    documented.
    """

    name: str
    traits: ServerTraits
    item_id: re.Pattern[str]
    oldest: tuple[int, int]
    items_path: str
    views_path: str
    user_query: str | None
    fields: str
    item_fields: str
    token_header: str | None

    def socket_of(self, url: str, device_id: str, token: str) -> str:
        """Return the address of the WebSocket; on Emby it holds the token.

        Jellyfin reads token and device from the header. On Emby only the query is known to work (recorded on 4.9.5);
        below its prefix `/emby` the path is `/socket`.
        """
        base = url.strip().rstrip("/")
        if self.traits.server_type is ServerType.JELLYFIN:
            return f"{base}/socket"
        path = "/socket" if base.casefold().endswith("/emby") else "/embywebsocket"
        return f"{base}{path}?api_key={quote(token, safe='')}&deviceId={quote(device_id, safe='')}"

    def items_of(self, user_id: str) -> tuple[str, dict[str, str | int]]:
        """Return the path of a user's items, and the query that names the user."""
        path = self.items_path.format(user=quote(user_id, safe=""))
        return path, {self.user_query: user_id} if self.user_query else {}

    def views_of(self, user_id: str) -> tuple[str, dict[str, str | int]]:
        """Return the path of a user's libraries, and the query that names the user."""
        path = self.views_path.format(user=quote(user_id, safe=""))
        return path, {self.user_query: user_id} if self.user_query else {}

    def headers(self, device_id: str, token: str | None = None) -> dict[str, str]:
        """Return the headers that identify client, device and token, percent-encoded because Jellyfin decodes them."""
        parts = {
            "Client": CLIENT_NAME,
            "Device": DEVICE_NAME,
            "DeviceId": device_id,
            "Version": CLIENT_VERSION,
            **({"Token": token} if token else {}),
        }
        value = ", ".join(f'{key}="{quote(part, safe=" ")}"' for key, part in parts.items())
        headers = {"Authorization": f"MediaBrowser {value}"}
        if token and self.token_header:
            headers[self.token_header] = quote(token, safe="")
        return headers

    def supported(self, version: str) -> tuple[int, int]:
        """Return major and minor of a version; raises UnsupportedVersion, also for a text that tells no version."""
        match = _VERSION.fullmatch(version.strip())
        if match is None:
            raise UnsupportedVersion(f"This {self.name} tells no version that can be read")
        numbers = (int(match[1]), int(match[2]))
        if numbers < self.oldest:
            told, oldest = (f"{major}.{minor}" for major, minor in (numbers, self.oldest))
            raise UnsupportedVersion(f"{self.name} {told} is older than {oldest}")
        return numbers

    def speaks(self, public_info: Row) -> bool:
        """Tell whether an answer of `/System/Info/Public` is from this kind of server.

        Only Jellyfin sends `StartupWizardCompleted` or a `ProductName` that begins with Jellyfin.
        """
        product = public_info.get("ProductName")
        jellyfin = "StartupWizardCompleted" in public_info or (
            isinstance(product, str) and product.casefold().startswith("jellyfin")
        )
        return jellyfin is (self.traits.server_type is ServerType.JELLYFIN)

    def is_starting(self, public_info: Row) -> bool:
        """Tell whether an answer of `/System/Info/Public` is from the server that stands in for a starting Jellyfin."""
        return self.traits.server_type is ServerType.JELLYFIN and public_info.get("startupWizardCompleted") is False


JELLYFIN = Dialect(
    name="Jellyfin",
    traits=ServerTraits(
        server_type=ServerType.JELLYFIN,
        date_meaning=DateMeaning.PLAY_START,
        can_clear=True,
        takes_date=True,
        writes_at_once=4,
        writes_full_set=True,
        takes_data_back=True,
        least_percent=5,
    ),
    item_id=re.compile(r"(?!0{32})[0-9a-f]{32}"),
    oldest=(10, 9),
    items_path="/Items",
    views_path="/UserViews",
    user_query="userId",
    fields="ProviderIds,ParentId",
    item_fields="ProviderIds",
    token_header=None,
)

EMBY = Dialect(
    name="Emby",
    traits=ServerTraits(
        server_type=ServerType.EMBY,
        date_meaning=DateMeaning.PLAY_START,
        can_clear=True,
        takes_date=True,
        writes_at_once=4,
        writes_full_set=True,
        least_percent=2,
    ),
    item_id=re.compile(r"[1-9]\d{0,18}", re.ASCII),
    oldest=(4, 8),
    items_path="/Users/{user}/Items",
    views_path="/Users/{user}/Views",
    user_query=None,
    fields="ProviderIds,ParentId,ProductionYear,PremiereDate,UserDataLastPlayedDate,UserDataPlayCount",
    item_fields="ProviderIds,ProductionYear,PremiereDate",
    token_header="X-Emby-Token",  # noqa: S106
)
