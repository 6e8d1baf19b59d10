"""The first round of new pairs."""

from ..home import Home


async def first_read(home: Home) -> None:
    """All accounts stand at the same positions already: they are read, matched and remembered."""
    home.leave(home.plan.places, home.size.in_progress)
    async with home.measured("first read"):
        reports = await home.sync()
    assert not any(report.updated for report in reports)
    home.advance()
    await home.sync()
