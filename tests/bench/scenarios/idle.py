"""A round in which nothing happened."""

from ..home import Home


async def idle(home: Home) -> None:
    """Each account is listed once, and nothing is written or saved."""
    home.advance()
    async with home.measured("idle"):
        reports = await home.sync()
    assert not any(report.changed for report in reports)
    assert not any(asked.writes for asked in home.measurements[-1].asked.values())
