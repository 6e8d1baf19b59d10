"""A fact: one small question to a server, where it is known from, and for which versions it holds."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .servers import Server, Servers

type Question = Callable[..., Coroutine[Any, Any, None]]


class Need(StrEnum):
    """What a fact needs beside a user; a server that was not given it is not asked."""

    ADMINISTRATOR = "an administrator"
    MEDIA = "a media folder"
    PATIENCE = "patience"
    RESTART = "a restart"
    MEMBER = "the token of another user"
    ACCOUNT = "the owner's token for plex.tv"


class Differs(Exception):
    """A server does not do what the fact says; the text is what was seen."""


class NotAsked(Exception):
    """This server has nothing to ask this fact with; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact. `holds` are the servers that it is about, `differs` what each of them does where that is not the same.

    The question takes a lab, and where servers differ also what this one is expected to do.
    """

    name: str
    source: str
    holds: tuple[Servers, ...]
    question: Question
    differs: Mapping[Servers, object] | None = None
    needs: frozenset[Need] = frozenset()

    def is_about(self, server: Server) -> bool:
        """Tell whether the fact says anything about a server."""
        return any(server in servers for servers in self.holds)

    def expected(self, server: Server) -> tuple[object, ...]:
        """Return what beside the lab the question is asked with."""
        return tuple(value for servers, value in (self.differs or {}).items() if server in servers)


FACTS: list[Fact] = []
"""Every fact of the modules that were imported, in their order."""


def fact(
    source: str,
    *holds: Servers,
    differs: Mapping[Servers, object] | None = None,
    needs: frozenset[Need] | set[Need] = frozenset(),
) -> Callable[[Question], Question]:
    """Make a question a fact; its docstring is the name. `differs` alone says for which servers it holds."""

    def keep(question: Question) -> Question:
        """Put it among the facts."""
        name = (question.__doc__ or question.__name__).partition("\n")[0].rstrip(".")
        FACTS.append(Fact(name, source, holds or tuple(differs or ()), question, differs, frozenset(needs)))
        return question

    return keep


def same(what: str, seen: object, expected: object) -> None:
    """Hold what was seen against what is expected; raises Differs."""
    if seen != expected:
        raise Differs(f"{what}: {seen!r}, not {expected!r}")


def holds(what: str, *, true: bool, seen: object = "") -> None:
    """Expect something to be true; raises Differs with what was seen instead."""
    if not true:
        raise Differs(f"not so: {what}" + (f" ({seen!r})" if seen != "" else ""))
