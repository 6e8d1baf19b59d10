"""Sign-in at plex.tv by PIN."""

from dataclasses import dataclass
from itertools import count

from aiohttp import web

from tests.simulators.plex.accounts import PlexAccount, digest
from tests.simulators.routes import Call

from .answers import Data, answer, failure, iso_date
from .directory import PlexTvDirectory

_SHORT_SECONDS = 900
_STRONG_SECONDS = 1800
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(slots=True)
class _Pin:
    """A PIN that a client asked for; `token` is there once somebody approved it."""

    pin_id: int
    code: str
    client_id: str
    product: str
    created_at: float
    lifetime: int
    token: str | None = None


class PinRoutes:
    """Asking for a PIN and polling it: four characters for plex.tv/link, 25 (`strong`) for the browser."""

    def __init__(self, plex_tv: PlexTvDirectory) -> None:
        """Register the routes."""
        self._plex_tv = plex_tv
        self._pins: dict[int, _Pin] = {}
        self._ids = count(564_964_701)
        plex_tv.routes.add("POST", "/api/v2/pins", self._ask)
        plex_tv.routes.add("GET", "/api/v2/pins/{pin}", self._poll)

    def approve(self, code: str, account: PlexAccount) -> None:
        """Give a token of this account to whoever asked for the code."""
        for pin in self._pins.values():
            if pin.code.casefold() == code.casefold() and not self._expired(pin):
                pin.token = self._plex_tv.issue(account, "acct")
                return
        raise KeyError(code)

    def codes(self) -> list[str]:
        """Return the codes that wait for somebody."""
        return [pin.code for pin in self._pins.values() if pin.token is None and not self._expired(pin)]

    def _expired(self, pin: _Pin) -> bool:
        """Tell whether a PIN has run out."""
        return self._plex_tv.now() >= pin.created_at + pin.lifetime

    async def _ask(self, call: Call) -> web.StreamResponse:
        """Answer with a new PIN."""
        client_id = call.header("X-Plex-Client-Identifier") or call.argument("X-Plex-Client-Identifier")
        if not client_id:
            return failure(call, 400, 1000, "X-Plex-Client-Identifier is missing")
        form = await call.request.post()
        strong = (call.argument("strong") or str(form.get("strong", ""))).casefold() in ("true", "1")
        pin_id = next(self._ids)
        name = digest(f"pin {pin_id}", 25)
        code = name if strong else "".join(_LETTERS[int(each, 16) * 2 % 32] for each in name[:4])
        product = call.header("X-Plex-Product") or call.argument("X-Plex-Product")
        lifetime = _STRONG_SECONDS if strong else _SHORT_SECONDS
        pin = _Pin(pin_id, code, client_id, product, self._plex_tv.now(), lifetime)
        self._pins[pin_id] = pin
        return answer(call, "pin", self._data(pin), status=201)

    async def _poll(self, call: Call) -> web.StreamResponse:
        """Answer with a PIN, to the client that asked for it."""
        number = call.path["pin"]
        pin = self._pins.get(int(number)) if number.isdecimal() else None
        client_id = call.header("X-Plex-Client-Identifier") or call.argument("X-Plex-Client-Identifier")
        if pin is None or pin.client_id != client_id or self._expired(pin):
            return failure(call, 404, 1020, "Code not found or expired")
        return answer(call, "pin", self._data(pin))

    def _data(self, pin: _Pin) -> Data:
        """Return a PIN as it is answered."""
        expires_at = pin.created_at + pin.lifetime
        return {
            "id": pin.pin_id,
            "code": pin.code,
            "product": pin.product,
            "trusted": False,
            "qr": f"https://plex.tv/api/v2/pins/qr/{pin.code}",
            "clientIdentifier": pin.client_id,
            "location": {
                "code": "DE",
                "european_union_member": True,
                "continent_code": "EU",
                "country": "Germany",
                "city": "Berlin",
                "time_zone": "Europe/Berlin",
                "postal_code": "10115",
                "in_privacy_restricted_country": True,
                "in_privacy_restricted_region": True,
                "subdivisions": "Berlin",
                "coordinates": "52.52, 13.40",
            },
            "expiresIn": int(expires_at - self._plex_tv.now()),
            "createdAt": iso_date(pin.created_at),
            "expiresAt": iso_date(expires_at),
            "authToken": pin.token,
            "newRegistration": None,
        }
