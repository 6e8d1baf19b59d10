"""A round after one title was watched."""

from ..home import Home


async def one_change(home: Home) -> None:
    """A title that all accounts have in progress goes on on one of them."""
    home.advance()
    home.servers.leave(home.plan.places[:1], 0, 1, 30)
    async with home.measured("one change"):
        await home.sync()
    assert home.agreed()
