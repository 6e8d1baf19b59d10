"""Values that no server should send."""

import copy
from random import Random
from typing import Final

HUGE_TEXT: Final = "x" * 10_000_000
HUGE_SHARE: Final = 0.004

# What JSON cannot say with Python's own encoder is put in as text and replaced afterwards.
RAW: Final = {
    "@raw NaN@": "NaN",
    "@raw Infinity@": "Infinity",
    "@raw -Infinity@": "-Infinity",
    "@raw 1e999@": "1e999",
    "@raw digits@": "9" * 4000,
    "@raw too many digits@": "9" * 6000,
    "@raw deep@": "[" * 400 + "]" * 400,
    "@raw too deep@": "[" * 200_000 + "]" * 200_000,
    "@raw -0@": "-0",
    "@raw half a pair@": '"a\\ud800b"',
    "@raw escape@": '"\\x"',
}

TEXTS: Final = (
    "",
    " ",
    "0",
    "-1",
    "-900000",
    "1",
    "01",
    " 5",
    "5 ",
    "+5",
    "1.5",
    "1e9",
    "0x10",
    "1_000",
    "NaN",
    "Infinity",
    "null",
    "None",
    "true",
    "999999999999",
    "9" * 30,
    "9" * 5000,
    "\u0665\u0666",
    "\uff11\uff12",
    "253402300799",
    "-62135596800",
    "9999-12-31T23:59:59.9999999Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00.0000000Z",
    "0000-00-00T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-W01",
    "2026-01-01T00:00:00.1234567890123Z",
    "\x00",
    "a\u0000b",
    "\u202etxt.exe",
    "../../etc/passwd",
    "http://127.0.0.1:1/",
    "<script>",
    "' OR 1=1 --",
    "%s%n%d",
    "{0}",
    "tt",
    "tt99999999999999999999",
    "imdb://tt0000001",
    "plex://movie/" + "0" * 24,
    "\U0001f3ac" * 50,
    "e\u0301" * 500,
    "a,b,c",
    "f" * 32,
    "0" * 32,
)

OBJECTS: Final[tuple[object, ...]] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    -900_000,
    1.5,
    -0.5,
    1e18,
    1e308,
    2**31,
    2**63,
    2**64,
    10**30,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"Id": None},
    {"": ""},
    [1, "x", None, {}],
)


def text(random: Random) -> str:
    """Return a text of an unlikely kind, now and then a huge one."""
    return HUGE_TEXT if random.random() < HUGE_SHARE else random.choice(TEXTS)


def value(random: Random) -> object:
    """Return a value of an unlikely kind for JSON; raw ones are marked by their name."""
    kind = random.random()
    if kind < 0.45:
        return copy.deepcopy(random.choice(OBJECTS))
    return text(random) if kind < 0.85 else random.choice(list(RAW))


def near(number: float, random: Random) -> object:
    """Return a number that one was turned into."""
    others = [-number, number * 10, number * 1000, number * 10**9, number + 1, float(number), str(number), 0]
    return random.choice(others)
