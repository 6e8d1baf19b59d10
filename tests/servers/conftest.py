"""What the fuzzing has to show at the end of a run in which somebody asked for it."""

import os

import pytest

FUZZED = "fuzzed"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what became of the payloads of each route, where their number was given."""
    if "FUZZ_PAYLOADS" not in os.environ:
        return
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, ())]
    lines = sorted(str(value) for each in reports for name, value in each.user_properties if name == FUZZED)
    terminalreporter.section("bad input")
    for line in lines:
        terminalreporter.write_line(line)
