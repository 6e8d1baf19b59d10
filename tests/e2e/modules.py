"""The tests of the cards that need no browser, run by Node.js."""

import asyncio
from pathlib import Path

_TESTS = Path(__file__).parents[2] / ".cache" / "cards" / "tests"
"""Built by scripts/setup from frontend/test."""


async def test_modules(node: str) -> None:
    """Run them all; raises AssertionError with what Node.js printed where one fails."""
    tests = sorted(str(path) for path in _TESTS.glob("*.test.mjs"))
    process = await asyncio.create_subprocess_exec(
        node, "--test", *tests, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert tests
    assert process.returncode == 0, output.decode()
