"""Rows with values that no server should send, and that servers send all the same: a fault for any listing."""

from xml.etree.ElementTree import fromstring, tostring

from aiohttp import web

from tests.simulators.faults import Tampered


def odd_row(rating_key: str, **attributes: str | None) -> Tampered:
    """Return the fault that puts these attributes into an item's row, wherever it stands; None takes one away."""

    def change(response: web.Response) -> web.Response:
        """Rewrite the rows of an answer in XML."""
        if response.content_type != "text/xml" or not isinstance(response.body, bytes):
            return response
        root = fromstring(response.body)  # noqa: S314 - our own server wrote it
        for row in root.iter():
            if row.get("ratingKey") == rating_key:
                for name, value in attributes.items():
                    row.attrib.pop(name, None)
                    if value is not None:
                        row.set(name, value)
        response.body = tostring(root, encoding="utf-8", xml_declaration=True)
        return response

    return Tampered(change)
