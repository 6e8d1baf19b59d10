"""Text from a server, made fit to be shown, logged and stored."""

import re
from typing import Final, TypeGuard

LONGEST_TEXT: Final = 300
LONGEST_IDENTIFIER: Final = 128
MOST_TOKEN: Final = 4096

# Control characters, characters that turn the direction of a text, and halves of a surrogate pair, which no file can
# hold.
_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


def plain_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text on one line, without characters that cannot be shown, cut after `longest` characters."""
    return _UNFIT.sub(" ", text[: 2 * longest]).strip()[:longest]


def is_identifier(value: object, longest: int = LONGEST_IDENTIFIER) -> TypeGuard[str]:
    """Tell whether a value can be an id or a token: 1 to `longest` printable ASCII characters without spaces."""
    return (
        isinstance(value, str) and re.fullmatch(r"[!-~]+", value[: longest + 1]) is not None and len(value) <= longest
    )


def whole_number(text: str, most: int) -> int | None:
    """Return the number that a text spells in decimal digits; None where it spells none, or one above `most`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)) + 3:
        return None
    number = int(text)
    return number if number <= most else None
