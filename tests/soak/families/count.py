"""What the same provoked schedules cost a product, in figures: titles cleared unasked, places lost."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import os

from ..tally import Tally
from . import FAMILIES
from .play import play


def count_losses_of(name: str, schedules: int) -> Tally:
    """Play the first schedules of a family, whatever they violate, and return what they came to."""
    tally = Tally()
    for seed in range(schedules):
        tally.count(play(FAMILIES[name], seed, judge=False))
    return tally


def count_all(schedules: int) -> Iterator[tuple[str, Tally]]:
    """Play so many schedules, of all families alike; yield each family's name and what it came to."""
    shares = {
        name: schedules // len(FAMILIES) + (index < schedules % len(FAMILIES)) for index, name in enumerate(FAMILIES)
    }
    # Forked, so that the processes have the product that was chosen for this one.
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        yield from zip(shares, pool.map(count_losses_of, shares, shares.values()), strict=True)
