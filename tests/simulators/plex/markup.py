"""Answers of Plex: one tree that is sent as XML, or as JSON to those who accept it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
import json

from aiohttp import web

from tests.simulators.routes import Call

type Value = str | int | float | bool | None

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"})


@dataclass(slots=True)
class Element:
    """A tag with attributes and children. None attributes are left out; truth values are 1 and 0 in XML.

    In JSON children stand in lists named after their tag or `json_name`; `single`: an object, not a list.
    """

    tag: str
    attributes: Mapping[str, Value]
    children: list[Element] = field(default_factory=list)
    json_name: str = ""
    single: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the attributes and the lists of children."""
        found: dict[str, object] = {name: value for name, value in self.attributes.items() if value is not None}
        for child in self.children:
            name = child.json_name or child.tag
            if child.single:
                found[name] = child.as_json()
            else:
                rows = found.setdefault(name, [])
                assert isinstance(rows, list)
                rows.append(child.as_json())
        return found

    def write_xml(self, put: Callable[[str], None]) -> None:
        """Write the element to a sink."""
        put(f"<{self.tag}")
        for name, value in self.attributes.items():
            if value is not None:
                put(f' {name}="{_text(value)}"')
        if not self.children:
            put(" />\n")
            return
        put(">\n")
        for child in self.children:
            child.write_xml(put)
        put(f"</{self.tag}>\n")


def _text(value: Value) -> str:
    """Return an attribute's text."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)


def wants_json(call: Call) -> bool:
    """Tell whether a request accepts JSON; without that word the answer is XML."""
    return "application/json" in call.header("Accept")


def xml_text(element: Element) -> str:
    """Return a document."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    element.write_xml(parts.append)
    return "".join(parts)


def xml_answer(element: Element, *, status: int = 200, content_type: str = "text/xml") -> web.Response:
    """Return an XML answer."""
    return web.Response(text=xml_text(element), content_type=content_type, charset="utf-8", status=status)


def json_answer(value: object, *, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    text = json.dumps(value, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", charset="utf-8", status=status)


def container(
    call: Call, attributes: Mapping[str, Value], children: Iterable[Element] = (), *, size: int | None = None
) -> web.Response:
    """Return a `MediaContainer` with its rows; `size` is counted where it is not given."""
    rows = list(children)
    root = Element("MediaContainer", {"size": len(rows) if size is None else size, **attributes}, rows)
    if wants_json(call):
        return json_answer({"MediaContainer": root.as_json()})
    return xml_answer(root)


def html_error(status: int, title: str, *, redirect: bool = False) -> web.Response:
    """Return one of the small pages that a Plex Media Server sends with an error, whatever was asked for."""
    script = (
        r"<script>window.location = window.location.href.match(/(^.+\/)[^\/]*$/)[1] + 'web/index.html';</script>"
        if redirect
        else ""
    )
    text = f"<html><head>{script}<title>{title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return web.Response(text=text, content_type="text/html", status=status)


def unauthorized(call: Call) -> web.Response:
    """Answer a request whose token is missing, unknown or not allowed to do this."""
    return html_error(401, "Unauthorized", redirect=call.request.path.strip("/") == "")


def token_expired() -> web.Response:
    """Answer a request whose token was good for some days only, and is not any more."""
    return html_error(498, "Token Expired")


def bad_request() -> web.Response:
    """Answer a request that misses an argument or has a wrong one."""
    return html_error(400, "Bad Request")


def not_found() -> web.Response:
    """Answer a request for something that is not there, or not for this user."""
    return html_error(404, "Not Found")
