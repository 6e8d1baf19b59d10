"""What came of asking, for people."""

from collections import Counter

from .asking import Outcome, Result
from .servers import Server


class Report:
    """Prints each result when it comes, and the counts at the end; `sources`: with where each fact is known from."""

    def __init__(self, *, sources: bool = False) -> None:
        """Start with nothing asked."""
        self._sources = sources
        self._results: list[tuple[Server, Result]] = []

    def add(self, server: Server, result: Result) -> None:
        """Print a result."""
        self._results.append((server, result))
        print(f"{result.outcome:<9}  {server}  {result.fact.name}", flush=True)
        if result.seen:
            print(f"           {'seen: ' if result.outcome is Outcome.DIFFERS else ''}{result.seen}")
        if self._sources or result.outcome is Outcome.DIFFERS:
            print(f"           from: {result.fact.source}")

    def counts(self) -> dict[Server, Counter[Outcome]]:
        """Return how often each outcome was seen on each server."""
        found: dict[Server, Counter[Outcome]] = {}
        for server, result in self._results:
            found.setdefault(server, Counter())[result.outcome] += 1
        return found

    def end(self) -> None:
        """Print the counts."""
        print()
        for server, outcomes in self.counts().items():
            told = ", ".join(f"{outcomes[outcome]} {outcome.lower()}" for outcome in Outcome)
            print(f"{server}: {told}")

    @property
    def status(self) -> int:
        """1 where anything differs, otherwise 0."""
        return int(any(result.outcome is Outcome.DIFFERS for _, result in self._results))

    def markdown(self) -> str:
        """Return what differs as the text of an issue."""
        lines = ["A server does not do any more what Resume Sync relies on.", ""]
        for server, result in self._results:
            if result.outcome is Outcome.DIFFERS:
                lines += [f"- **{result.fact.name}** ({server})", f"  - seen: {result.seen}"]
                lines += [f"  - known from: {result.fact.source}"]
        for server, outcomes in self.counts().items():
            told = ", ".join(f"{outcomes[outcome]} {outcome.lower()}" for outcome in Outcome)
            lines += ["", f"{server}: {told}"]
        return "\n".join([*lines, ""])
