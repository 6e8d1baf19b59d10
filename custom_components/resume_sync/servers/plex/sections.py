"""The sections of a Plex library: their types, their changes, and those that an account is limited to."""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import IntEnum
import hashlib
from typing import Final
from xml.etree.ElementTree import Element

from ..chosen_libraries import ChosenLibraries
from ..confirmations import Confirmations
from ..plain_text import plain_text, whole_number
from ..sign_in import Library
from .transport import PlexTransport, media_container

_HIGHEST_KEY: Final = 10**9
_AGENT_OF_NOTHING: Final = ".agents.none"


class MediaType(IntEnum):
    """The types of media in a query, by Plex's numbers."""

    MOVIE = 1
    SHOW = 2
    EPISODE = 4

    @property
    def section_type(self) -> str:
        """The type of the sections that hold this type of media."""
        return "movie" if self is MediaType.MOVIE else "show"

    @property
    def stable_sort(self) -> str:
        """A sort by rating key, so that pages do not shift when titles are added."""
        return "episode.id" if self is MediaType.EPISODE else "id"


class PlexSections:
    """The sections of films and shows that a user sees.

    `revision` is a digest of when each section changed, None before they are read. `read_at` is when they were read
    last, in epoch milliseconds. `identifiable` tells by key whether a section has an agent that finds external ids.
    """

    def __init__(self, transport: PlexTransport, now: Callable[[], int], chosen: Collection[str]) -> None:
        """Read nothing yet."""
        self._transport = transport
        self._chosen = ChosenLibraries(chosen, now)
        self._types: Mapping[str, str] | None = None
        self._empty: Confirmations[tuple[str, str]] = Confirmations(now)
        self.revision: str | None = None
        self.identifiable: Mapping[str, bool] = {}
        self.read_at = 0

    @property
    def limited(self) -> bool:
        """Whether only chosen sections are to be asked."""
        return bool(self._chosen)

    def forget(self) -> None:
        """Drop the types of the sections and every confirmation."""
        self._types = None
        self._empty.clear()

    async def types(self) -> Mapping[str, str]:
        """Read the sections, in one request, and return the type of each by its key."""
        sections = await self._read()
        told = (
            f"{key}:{row.get('updatedAt', '')}:{row.get('contentChangedAt', '')}"
            for key, row in sorted(sections.items())
        )
        self.revision = hashlib.sha256(",".join(told).encode("utf-8", "replace")).hexdigest()[:16]
        return {key: row.get("type", "") for key, row in sections.items()}

    async def libraries(self) -> tuple[Library, ...]:
        """Return the sections of films and shows, in the server's order."""
        return tuple(Library(key, plain_text(row.get("title", "")) or key) for key, row in (await self._read()).items())

    async def of_type(self, media_type: MediaType) -> list[str]:
        """Return the keys of the sections for a type of media, chosen ones only if any are; raises LibraryGone."""
        types = await self.confirm() if self._types is None or not self._chosen else self._types
        return [key for key in self._chosen.ids or types if types[key] == media_type.section_type]

    async def confirm(self) -> Mapping[str, str]:
        """Return the types of all sections, read now; raises LibraryGone where a chosen one is not among them."""
        self._types = None
        types = await self.types()
        self._chosen.confirm(types)
        self._types = types
        return types

    async def confirm_empty(self, query: str, empty: Iterable[str], found: Iterable[str]) -> None:
        """Make sure that chosen sections in which a query found nothing are still there, once an hour.

        `empty` and `found` are the sections without and with rows. Raises LibraryGone.
        """
        for key in found:
            self._empty.forget((query, key))
        doubtful = [(query, key) for key in empty if not self._empty.empty_believed((query, key))]
        if doubtful:
            await self.confirm()
            self._empty.confirm(*doubtful)

    async def _read(self) -> Mapping[str, Element]:
        """Read the rows of the sections of films and shows, by key."""
        answer = await self._transport.read("/library/sections")
        self.read_at = answer.sent_at
        sections = {
            row.get("key", ""): row
            for row in media_container(answer)
            if whole_number(row.get("key", ""), _HIGHEST_KEY) and row.get("type") in ("movie", "show")
        }
        self.identifiable = {
            key: not row.get("agent", "").endswith(_AGENT_OF_NOTHING)
            for key, row in sections.items()
            if row.get("agent")
        }
        return sections
