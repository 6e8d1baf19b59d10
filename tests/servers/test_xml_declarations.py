"""XML that declares something is refused before any parser sees it: entities expand, or read files."""

import re

from aiohttp import web
import pytest

from custom_components.resume_sync.sync.media_server import BadResponse, MediaServerError
from tests.servers.all_clients import requests_to
from tests.servers.plex.script import payload, scripted

pytestmark = pytest.mark.usefixtures("socket_enabled")

IDENTITY = payload("identity.xml")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = f'<!DOCTYPE m [<!ENTITY l0 "lol">{LAUGHS}]>'
BOMB = f'{HEAD}{DOCTYPE}<MediaContainer size="0" friendlyName="&l11;"/>'
FILE = '<!DOCTYPE m [<!ENTITY f SYSTEM "file:///etc/hostname">]><MediaContainer size="0" friendlyName="&f;"/>'
PLAIN = f'{HEAD}<MediaContainer size="0" friendlyName="Attic"/>'


def spoiled(text: str, sign: str) -> bytes:
    """Return XML with a sign in its declarations that a lenient reader drops."""
    return re.sub("<!", f"<{sign}!{sign}", text).encode()


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        FILE.encode(),
        BOMB.replace("<!DOCTYPE", "\n\n<!DOCTYPE").encode(),
        b"\xef\xbb\xbf" + BOMB.encode(),
        BOMB.replace("UTF-8", "UTF-16").encode("utf-16"),
        BOMB.replace("UTF-8", "UTF-16").encode("utf-16-le"),
        BOMB.encode("utf-32"),
        spoiled(BOMB, "\x00"),
        spoiled(BOMB, "\x01"),
        spoiled(BOMB, "\x85"),
        spoiled(BOMB, "\ufffe"),
        b"<!doctype html><html><body>Please sign in</body></html>",
        b"<!-- <!DOCTYPE x [<!ENTITY a 'b'>]> --><MediaContainer size='0'/>",
        f"{HEAD}<!ELEMENT a ANY><MediaContainer size='0'/>".encode(),
    ],
)
async def test_declarations_are_refused(body: bytes) -> None:
    """In whatever encoding, and with whatever stands in between."""
    async with (
        scripted({"/": web.Response(body=body, content_type="text/xml")}) as script,
        requests_to(script.url) as requests,
    ):
        with pytest.raises(BadResponse, match="declarations"):
            await requests["plex verify"]()


async def test_an_identity_with_declarations() -> None:
    """The first answer of a server is looked at in the same way."""
    async with scripted({"/identity": IDENTITY.replace("?>", f"?>{DOCTYPE}", 1)}) as script:
        assert "<!DOCTYPE" in str(script.answers["/identity"])
        async with requests_to(script.url) as requests:
            with pytest.raises(BadResponse, match="declarations"):
                await requests["plex verify"]()


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        PLAIN.replace("?>", "?><!-- a comment -->"),
        PLAIN.replace("/>", "><![CDATA[text]]></MediaContainer>"),
        PLAIN.replace("Attic", "Attic! &lt;!DOCTYPE"),
    ],
)
async def test_comments_and_exclamation_marks_are_read(body: str) -> None:
    """They declare nothing."""
    async with scripted({"/": body}) as script, requests_to(script.url) as requests:
        with pytest.raises(MediaServerError, match="owner from others"):
            await requests["plex verify"]()
        assert script.paths[-2:] == ["/accounts", "/status/sessions"]
