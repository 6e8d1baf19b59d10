"""Rules switched off one at a time: each row of the journal's tables, so that its family can be seen to catch that."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
import sys
from types import ModuleType
from typing import override
from unittest import mock

from custom_components.resume_sync.sync.journal import evidence

TABLES = ("WHOSE", "ZEROS", "WHEN", "FINISHES")
_PACKAGE = "custom_components.resume_sync.sync"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of one table."""

    table: str
    row: str

    @override
    def __str__(self) -> str:
        """Return the name that tests and reports give it."""
        return f"{self.table}: {self.row}"


def rules() -> tuple[Rule, ...]:
    """Return every row but the last of each table, which fits whatever is left."""
    return tuple(Rule(table, row.name) for table in TABLES for row in getattr(evidence, table)[:-1])


@contextmanager
def without(rule: Rule) -> Iterator[None]:
    """Take a row out of its table, wherever the table was imported."""
    table = getattr(evidence, rule.table)
    left = tuple(row for row in table if row.name != rule.row)
    if len(left) == len(table):
        message = f"There is no such row: {rule}"
        raise LookupError(message)
    with ExitStack() as stack:
        for module in _modules_with(table):
            stack.enter_context(mock.patch.object(module, rule.table, left))
        yield


def _modules_with(table: object) -> list[ModuleType]:
    """Return the modules that know a table by a name of their own."""
    loaded = [module for name, module in sys.modules.items() if name.startswith(_PACKAGE)]
    return [module for module in loaded if any(value is table for value in vars(module).values())]
