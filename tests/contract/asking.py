"""Asking facts one after the other."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from enum import StrEnum

import aiohttp

from .fact import Differs, Fact, Need, NotAsked
from .lab import Lab


class Outcome(StrEnum):
    """What came of asking a fact."""

    SAME = "SAME"
    DIFFERS = "DIFFERS"
    NOT_ASKED = "NOT ASKED"


@dataclass(frozen=True, slots=True)
class Result:
    """A fact that was asked, and what was seen or missing."""

    fact: Fact
    outcome: Outcome
    seen: str = ""


async def ask(fact: Fact, lab: Lab) -> Result:
    """Ask one fact; an answer that cannot even be read differs too."""
    if missing := [need for need in Need if need in fact.needs - lab.offers]:
        return Result(fact, Outcome.NOT_ASKED, f"needs {' and '.join(missing)}")
    try:
        async with lab.one_fact():
            await fact.question(lab, *fact.expected(lab.server))
    except Differs as seen:
        return Result(fact, Outcome.DIFFERS, str(seen))
    except NotAsked as why:
        return Result(fact, Outcome.NOT_ASKED, str(why))
    except (LookupError, TypeError, ValueError, AttributeError, aiohttp.ClientError, OSError) as error:
        return Result(fact, Outcome.DIFFERS, f"{type(error).__name__}: {error}")
    return Result(fact, Outcome.SAME)


async def ask_all(facts: Iterable[Fact], lab: Lab) -> AsyncIterator[Result]:
    """Ask all facts that are about a lab's server."""
    for fact in facts:
        if fact.is_about(lab.server):
            yield await ask(fact, lab)
