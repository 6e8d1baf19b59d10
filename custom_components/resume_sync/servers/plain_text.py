"""Text from a server, made fit to be shown, logged and stored."""

import re
from typing import Final

LONGEST_TEXT: Final = 300

# Control signs, signs that turn the direction of a text, and halves of a surrogate pair, which no file can hold.
_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


def plain_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text in one line without signs that cannot be shown, at most `longest` characters of it."""
    return _UNFIT.sub(" ", text[: 2 * longest]).strip()[:longest]
