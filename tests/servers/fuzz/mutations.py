"""True answers turned into almost true ones: JSON, XML, bytes, headers. The same seed makes the same answer."""

from collections.abc import Callable, Iterator
import copy
import json
from random import Random
import re
from typing import Any
from xml.sax.saxutils import quoteattr

from aiohttp import web

from . import values

_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_ELEMENT = re.compile(r"<(\w+)[^<>]*/>")
_DATES = ("", "x", "Fri, 31 Dec 9999 23:59:59 -1400", "Thu, 01 Jan 1970 00:00:00 GMT", "0", "Mon, 99 Foo 2026 77:77:77")
_LATER = ("", "x", "-1", "005", "9" * 400, "1e9", "NaN", "Fri, 31 Dec 9999 23:59:59 GMT")
_STATUSES = (200, 201, 204, 206, 300, 304, 400, 401, 403, 404, 409, 418, 429, 451, 498, 500, 502, 503, 504, 520, 599)
_TYPES = ("text/html", "text/plain", "application/json; charset=utf-7", "application/xml", "image/png", "", ";", "x")

type Nodes = list[tuple[Any, Any]]


def tampering(seed: str) -> Callable[[web.Response], web.Response]:
    """Return what changes an answer in the way that a seed stands for."""

    def change(response: web.Response) -> web.Response:
        random = Random(seed)
        body = response.body if isinstance(response.body, bytes) else b""
        kind = random.random()
        if kind < 0.04:
            return _other_head(response, body, random)
        if kind < 0.12:
            changed = spoiled(body, random)
        elif body.lstrip().startswith(b"<"):
            changed = tampered_xml(body.decode(), random).encode("utf-8", "surrogatepass")
        else:
            changed = tampered_json(body, random)
        answer = web.Response(body=changed, status=response.status)
        answer.headers["Content-Type"] = response.headers["Content-Type"]
        answer.headers["Date"] = response.headers["Date"]
        return answer

    return change


def _other_head(response: web.Response, body: bytes, random: Random) -> web.Response:
    """Return the true body under another head."""
    answer = web.Response(body=body, status=response.status)
    answer.headers["Content-Type"] = response.headers["Content-Type"]
    answer.headers["Date"] = response.headers["Date"]
    match random.randrange(3):
        case 0:
            answer.headers["Date"] = random.choice(_DATES)
        case 1:
            answer.headers["Content-Type"] = random.choice(_TYPES)
        case _:
            answer.set_status(random.choice(_STATUSES))
            answer.headers["Retry-After"] = random.choice(_LATER)
    return answer


def spoiled(body: bytes, random: Random) -> bytes:
    """Return a body that something has happened to on its way."""
    at = random.randrange(len(body) + 1)
    text = body.decode("utf-8", "replace")
    ways: list[Callable[[], bytes]] = [
        lambda: b"",
        lambda: body[:at],
        lambda: body[:at] + bytes([random.randrange(256)]) + body[at + 1 :],
        lambda: body[:at] + random.randbytes(8) + body[at:],
        lambda: body[:at] + b"\x00" + body[at:],
        lambda: body + body,
        lambda: body + b"\n\n<html></html>",
        lambda: b"\xef\xbb\xbf" + body,
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-32"),
        lambda: text.replace("e", "\u00e9").encode("latin-1", "replace"),
        lambda: b"<!DOCTYPE html><html><body>Please sign in</body></html>",
        lambda: b"null",
        lambda: b"[]",
        lambda: b"{}",
        lambda: b"true",
        lambda: b'"text"',
        lambda: b"[" + body + b"]",
        lambda: b'<MediaContainer size="0"/>',
        lambda: b"<MediaContainer/>",
    ]
    return random.choice(ways)()


def tampered_json(body: bytes, random: Random) -> bytes:
    """Return JSON of which one to three things are changed."""
    root = [json.loads(body)] if body else [None]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        _change(root, random)
    text = json.dumps(root[0])
    for name, raw in values.RAW.items():
        text = text.replace(json.dumps(name), raw)
    return text.encode()


def _nodes(root: list[Any]) -> Nodes:
    """Return every place in JSON as its container with key or index."""
    found: Nodes = []
    waiting: list[Any] = [root]
    while waiting:
        one = waiting.pop()
        places: Iterator[tuple[Any, Any]] = iter(one.items() if isinstance(one, dict) else enumerate(one))
        for key, below in places:
            found.append((one, key))
            if isinstance(below, dict | list):
                waiting.append(below)
    return found


def _change(root: list[Any], random: Random) -> None:
    """Change one thing in JSON."""
    container, key = random.choice(_nodes(root))
    here = container[key]
    match random.randrange(10):
        case 0 | 1 if container is not root:
            del container[key]
        case 2 if isinstance(here, list) and here:
            here.insert(random.randrange(len(here) + 1), copy.deepcopy(random.choice(here)))
        case 3 if isinstance(here, list) and here:
            twin = copy.deepcopy(random.choice(here))
            here.append(twin)
            _change([twin], random)
        case 4 if isinstance(here, list):
            here.insert(random.randrange(len(here) + 1), values.value(random))
        case 5 if isinstance(container, dict):
            container[random.choice([str(key).lower(), str(key).upper(), f"{key} ", "Id", ""])] = container.pop(key)
        case 6 | 7 if isinstance(here, int | float) and not isinstance(here, bool):
            container[key] = values.near(here, random)
        case _:
            container[key] = values.value(random)


def tampered_headers(body: bytes, random: Random) -> bytes:
    """Return lines of the form `Name: value` of which one to three are changed."""
    lines = body.decode().splitlines()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        at = random.randrange(len(lines))
        name, colon, value = lines[at].partition(": ")
        changed = [
            [],
            [lines[at]] * 2,
            [f"{name}{colon}{values.text(random)[:5000]}"],
            [f"{name.lower()}:{value}"],
            [f"{values.text(random)[:5000]}{colon}{value}"],
            [lines[at], random.choice(lines)],
        ]
        lines[at : at + 1] = random.choice(changed)
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def tampered_xml(text: str, random: Random) -> str:
    """Return XML of which one to three things are changed."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        text = _change_attribute(text, random) if random.random() < 0.8 else _change_element(text, random)
    return text


def _change_attribute(text: str, random: Random) -> str:
    """Change one attribute anywhere, or take it away, or give it twice."""
    found = list(_ATTRIBUTE.finditer(text))
    if not found:
        return text
    one = random.choice(found)
    name, old = one[1], one[2]
    match random.randrange(6):
        case 0:
            new = ""
        case 1:
            new = f' {random.choice(("x", "type", "ratingKey", "size"))}="{old}"'
        case 2 if old.isdecimal() and len(old) < 20:
            new = f' {name}="{values.near(int(old), random)}"'
        case 3:
            other = random.choice(found)
            new = f' {name}="{other[2]}"'
        case _:
            new = f" {name}={quoteattr(values.text(random))}"
    return text[: one.start()] + new + text[one.end() :]


def _change_element(text: str, random: Random) -> str:
    """Take one element away, give it twice, or put something between."""
    found = list(_ELEMENT.finditer(text))
    if not found:
        return text
    one = random.choice(found)
    between = random.choice(
        [
            "",
            one[0] * 2,
            f"<{one[1]}/>",
            "text",
            "&amp;",
            "&no;",
            "<a>" * 3000,
            "<!-- x -->",
            "<Video/>",
            "<Guid/>",
        ]
    )
    return text[: one.start()] + between + text[one.end() :]
