"""Answers of plex.tv: the same data as JSON or XML, and its errors."""

from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from tests.simulators.faults import Status
from tests.simulators.plex.accounts import PlexAccount
from tests.simulators.plex.markup import Element, Value, json_answer, wants_json, xml_answer
from tests.simulators.routes import Call

type Data = Mapping[str, object]

# As faults: it limits the rate, without saying for how long; it does not accept the signature of a device token.
RATE_LIMITED = Status(
    429, '{"errors":[{"code":1003,"message":"API rate limit exceeded","status":429}]}', "application/json"
)
SIGNATURE_REFUSED = Status(
    422, '{"errors":[{"code":1043,"message":"Signature verification failed","status":422}]}', "application/json"
)

_ENTRY_NAMES = {"users": "user", "connections": "connection", "errors": "error"}


def element(tag: str, data: Data, *extra: Element, empty: str | None = "") -> Element:
    """Return data as XML: lists become an element with entries, missing values are `empty`, None: left out."""
    attributes: dict[str, Value] = {}
    children = []
    for name, value in data.items():
        if isinstance(value, list):
            entries = [element(_ENTRY_NAMES[name], entry, empty=empty) for entry in value]
            children.append(Element(name, {}, entries))
        elif isinstance(value, dict):
            children.append(element(name, value, empty=empty))
        else:
            assert value is None or isinstance(value, str | int | float)
            attributes[name] = empty if value is None else value
    return Element(tag, attributes, [*children, *extra])


def answer(call: Call, tag: str, data: Data, *extra: Element, status: int = 200) -> web.Response:
    """Answer with data; `extra` is in the XML only."""
    if wants_json(call):
        return json_answer(dict(data), status=status)
    empty = None if tag == "home" else ""
    return xml_answer(element(tag, data, *extra, empty=empty), status=status, content_type="application/xml")


def failure(call: Call, status: int, code: int, message: str) -> web.Response:
    """Answer with an error."""
    errors = [{"code": code, "message": message, "status": status}]
    if wants_json(call):
        return json_answer({"errors": errors}, status=status)
    rows = [element("error", error) for error in errors]
    return xml_answer(Element("errors", {}, rows), status=status, content_type="application/xml")


def not_authenticated(call: Call) -> web.Response:
    """Answer a request whose token is no token of an account."""
    return failure(call, 401, 1001, "User could not be authenticated")


def v1_container(machine_id: str, rows: list[Element], **attributes: Value) -> web.Response:
    """Answer as the old API does, which knows no JSON."""
    names: dict[str, Value] = {
        "friendlyName": "myPlex",
        "identifier": "com.plexapp.plugins.myplex",
        "machineIdentifier": machine_id,
    }
    root = Element("MediaContainer", {**names, **attributes, "size": len(rows)}, rows)
    return xml_answer(root, content_type="application/xml")


def iso_date(seconds: float) -> str:
    """Return a time as plex.tv writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def profile(account: PlexAccount, token: str, *, home_size: int, is_admin: bool, now: float) -> Data:
    """Return an account as its own user sees it."""
    return {
        "id": account.account_id,
        "uuid": account.uuid,
        "username": account.username,
        "title": account.title,
        "email": account.email,
        "friendlyName": account.title,
        "locale": "",
        "confirmed": True,
        "joinedAt": 1_400_000_000,
        "emailOnlyAuth": False,
        "hasPassword": not account.restricted,
        "protected": account.pin is not None,
        "thumb": account.thumb,
        "authToken": token,
        "mailingListStatus": "removed",
        "mailingListActive": False,
        "scrobbleTypes": "",
        "country": "DE",
        "subscriptionDescription": "",
        "restricted": account.restricted,
        "anonymous": False,
        "home": home_size > 1,
        "guest": False,
        "homeSize": home_size,
        "homeAdmin": is_admin and home_size > 1,
        "maxHomeSize": 15,
        "rememberExpiresAt": int(now) + 14 * 24 * 3600,
        "adsConsent": "",
        "adsConsentSetAt": "",
        "adsConsentReminderAt": "",
        "experimentalFeatures": False,
        "twoFactorEnabled": False,
        "backupCodesCreated": False,
        "attributionPartner": "",
    }


def profile_extras() -> tuple[Element, ...]:
    """Return what the XML of a profile has besides."""
    features = Element("features", {}, [Element("feature", {"id": "home"})])
    plan: dict[str, Value] = {
        "active": False,
        "subscribedAt": "",
        "status": "Inactive",
        "paymentService": "",
        "plan": "",
    }
    languages: dict[str, Value] = {
        "autoSelectAudio": True,
        "defaultAudioLanguage": "en",
        "defaultSubtitleLanguage": "",
        "autoSelectSubtitle": 0,
        "defaultSubtitleAccessibility": 0,
        "defaultSubtitleForced": 1,
    }
    return (
        Element("subscription", plan, [features]),
        Element("profile", languages),
        Element("entitlements", {}),
        Element("roles", {}),
    )
