"""Which servers, and which of their versions."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import override

type Version = tuple[int, ...]


class Kind(StrEnum):
    """The servers that facts are about."""

    JELLYFIN = "Jellyfin"
    EMBY = "Emby"
    PLEX = "Plex"


@dataclass(frozen=True, slots=True)
class Server:
    """The server that is asked."""

    kind: Kind
    version: Version

    @classmethod
    def told(cls, kind: Kind, version: str) -> Server:
        """Return a server by the version that it tells."""
        return cls(kind, tuple(int(part) for part in re.findall(r"\d+", version)[:4]))

    @override
    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.kind} {'.'.join(map(str, self.version))}"


@dataclass(frozen=True, slots=True)
class Servers:
    """A kind of server from one version on, up to but without another."""

    kind: Kind
    first: Version = ()
    end: Version | None = None

    def since(self, *first: int) -> Servers:
        """Return those from a version on."""
        return Servers(self.kind, first, self.end)

    def before(self, *end: int) -> Servers:
        """Return those older than a version."""
        return Servers(self.kind, self.first, end)

    def __contains__(self, server: Server) -> bool:
        """Tell whether a server is one of these."""
        return (
            server.kind is self.kind
            and server.version >= self.first
            and (self.end is None or server.version < self.end)
        )

    @override
    def __str__(self) -> str:
        """Return the range as people write it."""
        first, end = (".".join(map(str, version)) for version in (self.first, self.end or ()))
        return " ".join(filter(None, (self.kind, first and f"from {first}", end and f"before {end}")))


JELLYFIN = Servers(Kind.JELLYFIN)
EMBY = Servers(Kind.EMBY)
PLEX = Servers(Kind.PLEX)
