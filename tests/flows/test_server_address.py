"""Addresses as people type and paste them."""

import pytest

from custom_components.resume_sync.account.address import ServerAddress, normalise_url
from custom_components.resume_sync.sync.media_server import CannotConnect


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1:8096", "http://127.0.0.1:8096"),
        ("http://127.0.0.1:8096/", "http://127.0.0.1:8096"),
        ("  media.example:8096  ", "http://media.example:8096"),
        ("192.168.1.4", "http://192.168.1.4"),
        ("https://media.example/jellyfin/", "https://media.example/jellyfin"),
        ("https://media.example/jellyfin//", "https://media.example/jellyfin"),
        ("HTTPS://Media.Example/Jellyfin", "https://media.example/Jellyfin"),
        ("http://media.example:8096/web/index.html#!/home", "http://media.example:8096"),
        ("http://media.example:8096/web/#/home.html", "http://media.example:8096"),
        ("https://media.example/jellyfin/web", "https://media.example/jellyfin"),
        ("https://media.example/webmedia", "https://media.example/webmedia"),
        ("http://media.example:32400/web/index.html?x=1#!/media", "http://media.example:32400"),
        ("http://[::1]:8096/", "http://[::1]:8096"),
        ("http://anna:secret@media.example", "http://media.example"),
    ],
)
def test_what_is_meant(typed: str, url: str) -> None:
    """The scheme is added; slashes, the web app, queries, fragments and passwords go; a base path stays."""
    assert normalise_url(typed) == url
    assert normalise_url(url) == url


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "http://", "no address", "ftp://media.example", "http://media.example:port", "/media", "http://["],
)
def test_no_address(typed: str) -> None:
    """What is no address cannot be reached."""
    with pytest.raises(CannotConnect):
        normalise_url(typed)


def test_from_data() -> None:
    """An entry's address comes with whether its certificate counts."""
    address = ServerAddress.from_data({"url": "media.example/", "verify_ssl": False, "token": "x"})

    assert address == ServerAddress("http://media.example", verify_ssl=False)


@pytest.mark.parametrize(
    ("typed", "location", "url"),
    [
        ("media.example.org", "https://media.example.org/System/Info/Public", "https://media.example.org"),
        ("Media.Example.org", "https://media.example.org:443/identity", "https://media.example.org"),
        (
            "media.example.org/jellyfin/",
            "https://media.example.org/jellyfin/System",
            "https://media.example.org/jellyfin",
        ),
        ("media.example.org/jellyfin", "https://media.example.org/", "https://media.example.org/jellyfin"),
        ("media.example.org:8096", "https://media.example.org:8920/x?y=z#a", "https://media.example.org:8920"),
        ("media.example.org:8096", "https://media.example.org:8096/x", "https://media.example.org:8096"),
        ("[::1]:8096", "https://[::1]:8920/x", "https://[::1]:8920"),
        ("m\u00fcnchen.example", "https://xn--mnchen-3ya.example/x", "https://xn--mnchen-3ya.example"),
        ("media.example.org", "https://anna:secret@media.example.org/x", "https://media.example.org"),
        ("media.example.org", "http://media.example.org/web/", None),
        ("media.example.org", "https://media.example.org.example.com/", None),
        ("media.example.org", "https://www.media.example.org/", None),
        ("media.example.org", "//media.example.org/", None),
        ("media.example.org", "/web/", None),
        ("media.example.org", "", None),
        ("media.example.org", "https://[", None),
        ("media.example.org", "https://media.example.org:port/", None),
        ("https://media.example.org", "https://media.example.org/web/", None),
    ],
)
def test_where_http_redirects_to_https(typed: str, location: str, url: str | None) -> None:
    """The same host over https, at the port of the redirect and the path that was typed; nothing else."""
    secure = ServerAddress(normalise_url(typed), verify_ssl=True).over_https(location)

    assert secure == (None if url is None else ServerAddress(url, verify_ssl=True))
