"""A round after many titles were begun, with indexes at hand."""

from ..home import NEW, Home


async def new_warm(home: Home) -> None:
    """Twenty more titles are begun on the same account, some minutes later."""
    home.advance()
    home.leave(home.plan.places[:1], NEW)
    async with home.measured(f"{NEW} new warm"):
        await home.sync()
    assert home.agreed()
