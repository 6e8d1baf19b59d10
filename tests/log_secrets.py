"""Searches logs for the secrets of simulated servers, for every test."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
import logging
import re
from typing import override

import pytest

from tests.simulators.handed_out import SECRETS

WATCHED = ("custom_components.resume_sync", "plexapi", "urllib3", "aiohttp")
"""The loggers of this integration and of what it talks through."""

_WORD = re.compile(r"[\w-]+")
_LONG = 12
_MOST_SEARCHED = 200


class LogText(logging.Handler):
    """Keeps all that is logged, as text with its stack traces."""

    def __init__(self) -> None:
        """Keep everything from debug level on."""
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.lines.append(self.format(record))


@contextmanager
def watched_logs() -> Iterator[LogText]:
    """Log everything at debug level for a while, and keep it."""
    handler = LogText()
    loggers = [logging.getLogger(name) for name in WATCHED]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def leaked(secrets: Iterable[str], lines: Iterable[str]) -> list[str]:
    """Return the secrets in a text: short ones only as words of their own, long ones also inside of others."""
    text = "\n".join(lines)
    if not text:
        return []
    known = set(secrets)
    found = known & {part for word in _WORD.findall(text) for part in (word, *re.split(r"[-_]", word))}
    searched = known if len(known) <= _MOST_SEARCHED else ()
    return sorted(found | {secret for secret in searched if len(secret) >= _LONG and secret in text})


@contextmanager
def no_secrets_logged() -> Iterator[None]:
    """Fail, once all is done, if a secret that was handed out meanwhile has been logged; tell by whom, not what."""
    SECRETS.clear()
    with watched_logs() as log:
        yield
    found = leaked(SECRETS, log.lines)
    if found:
        names = sorted({line.partition(" ")[0] for line in log.lines if leaked(found, [line])})
        pytest.fail(f"Secrets were logged by {', '.join(names)}")
