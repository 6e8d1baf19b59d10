"""The users of a server."""

from collections.abc import Iterable
from dataclasses import dataclass

from .holdings import Library


@dataclass(slots=True)
class User:
    """A user. `shared` holds the ids of the libraries that are shared with them; None: all."""

    name: str
    user_id: str
    password: str = ""
    admin: bool = False
    disabled: bool = False
    shared: set[str] | None = None

    def may_see(self, library: Library) -> bool:
        """Tell whether a library is shared with this user."""
        return self.shared is None or library.library_id in self.shared

    def share(self, library: Library) -> None:
        """Share a library."""
        if self.shared is not None:
            self.shared.add(library.library_id)

    def unshare(self, library: Library, of: Iterable[Library]) -> None:
        """End the sharing of one library out of all."""
        if self.shared is None:
            self.shared = {other.library_id for other in of}
        self.shared.discard(library.library_id)
