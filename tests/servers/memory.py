"""How much memory something may take."""

from collections.abc import Iterator
from contextlib import contextmanager
import tracemalloc

from custom_components.resume_sync.servers.limits import MIB

MOST: int = 64 * MIB
"""What a wrong server may cost, in bytes."""


@contextmanager
def bounded_memory(limit: int = MOST) -> Iterator[None]:
    """Let what is done inside take no more memory at once than this."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak // MIB} MiB"
