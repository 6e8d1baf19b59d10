"""A round after many titles were begun, with nothing known of the libraries."""

from ..home import NEW, Home


async def new_cold(home: Home) -> None:
    """Twenty titles are begun on one account, and have to be found on the others for the first time."""
    home.advance()
    home.leave(home.plan.places[:1], NEW)
    async with home.measured(f"{NEW} new cold"):
        await home.sync()
    assert home.agreed()
