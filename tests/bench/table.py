"""Measurements as text."""

from collections.abc import Iterator

from .loop_watch import LONG_MS
from .result import Measurement, Results

_HEADER = f"{'home':<26}{'scenario':<16}{'requests':>9}{'KiB':>10}{'s':>9}{'stall ms':>10}{'step ms':>9}{'MiB':>8}"


def table(results: Results) -> str:
    """Return everything that was measured."""
    return "\n".join(_lines(results))


def comparison(results: Results, earlier: Results) -> str:
    """Return how much more everything is than in an earlier measurement: 1.00 is the same."""
    before = {(one.home, one.scenario): one for one in earlier.measurements}
    lines = [f"compared with {earlier.size}", _HEADER]
    for one in results.measurements:
        old = before.get((one.home, one.scenario))
        if old is not None:
            lines.append(
                f"{one.home:<26}{one.scenario:<16}"
                f"{_ratio(one.requests, old.requests):>9}{_ratio(one.size, old.size):>10}"
                f"{_ratio(one.seconds, old.seconds):>9}{_ratio(one.stall_ms, old.stall_ms):>10}"
                f"{_ratio(one.step_ms, old.step_ms):>9}{_ratio(one.peak_mib, old.peak_mib):>8}"
            )
    medians = {one.direction: one.median for one in earlier.delays}
    lines += [f"{one.direction}: {_ratio(one.median, medians.get(one.direction, 0))}" for one in results.delays]
    for kind, mib in results.index_mib.items():
        lines.append(f"index of {kind}: {_ratio(mib, earlier.index_mib.get(kind, 0))}")
    return "\n".join(lines)


def _lines(results: Results) -> Iterator[str]:
    """Go through the lines of the table, with the routes and the long steps below it."""
    yield results.size
    yield _HEADER
    for one in results.measurements:
        yield (
            f"{one.home:<26}{one.scenario:<16}{one.requests:>9,}{one.size / 1024:>10,.1f}{one.seconds:>9.2f}"
            f"{one.stall_ms:>10.1f}{one.step_ms:>9.1f}{one.peak_mib:>8.1f}"
        )
    yield ""
    for kind, mib in results.index_mib.items():
        yield f"index of {kind}: {mib:.2f} MiB for 10,000 films and shows"
    for delay in results.delays:
        yield (
            f"{delay.direction:<26}{delay.stops} stops: {delay.median:.2f} s until they were there (median), "
            f"{delay.highest_of_95:.2f} s for 95 %"
        )
    yield "\nrequests by route"
    for one in results.measurements:
        yield from _routes(one)
    yield f"\nsteps on the event loop longer than {LONG_MS:g} ms"
    for one in results.measurements:
        for place, milliseconds in sorted(one.places.items(), key=lambda item: -item[1]):
            yield f"  {one.home:<26}{one.scenario:<16}{milliseconds:>9.1f}  {place}"


def _routes(one: Measurement) -> Iterator[str]:
    """Go through what each server was asked."""
    for kind, asked in one.asked.items():
        routes = ", ".join(f"{route} x{count}" for route, count in asked.requests.items())
        yield f"  {one.home:<26}{one.scenario:<16}{kind:<9} {asked.size / 1024:,.1f} KiB: {routes}"


def _ratio(new: float, old: float) -> str:
    """Return a ratio, or a dash where there is none."""
    return f"{new / old:.2f}" if old else "-"
