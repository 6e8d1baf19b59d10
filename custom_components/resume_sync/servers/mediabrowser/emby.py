"""Emby 4.8 and later: one user's view of a server, and the sign-in to it."""

from typing import ClassVar, override

from ...sync.model import PositionWrite
from .dialect import EMBY, Dialect
from .emby_lookup import EmbyLookup
from .listing import STABLE_SORT, RowListing
from .rows import Row
from .server import PAGE, MediaBrowserServer, full_set
from .sign_in import MediaBrowserSignIn


class EmbyServer(MediaBrowserServer):
    """One user's view of an Emby server.

    Unless a request names the fields `UserDataLastPlayedDate` and `UserDataPlayCount`, rows say that an item was never
    played. Every request names them, because a write sends these values back.
    """

    dialect: ClassVar[Dialect] = EMBY

    @override
    def _new_lookup(self) -> EmbyLookup:
        """Return a look-up by external id."""
        return EmbyLookup(self._library)

    @override
    async def _current_user(self) -> Row:
        """Return the account's user, which only their own token, an administrator's or an API key may read."""
        return await self._user()

    @override
    async def _check_push(self) -> None:
        """Raise nothing: every token gets messages, a user's user data, an administrator's or API key sessions."""

    @override
    async def _resumable(self) -> RowListing:
        """List the items with a position, not the resume list, which leaves out hidden and watched titles."""
        query = {
            "Filters": "IsResumable",
            "IncludeItemTypes": "Movie,Episode",
            "Fields": self.dialect.fields,
            "EnableImages": "false",
            "Recursive": "true",
            **STABLE_SORT,
        }
        path, user = self.dialect.items_of(self._user_id)
        return await self._library.in_progress(path, {**user, **query}, PAGE)

    @override
    async def _write(self, write: PositionWrite) -> None:
        """Send the position with all other user data as they were read: Emby may reset a field that is left out.

        A title that somebody hid is shown again with its new position: it was left there elsewhere since then.
        """
        path, query = self.dialect.items_of(self._user_id)
        item_id = write.base.item_id
        if write.base.hidden and write.position_ms:
            await self._store(item_id, f"{path}/{item_id}/HideFromResume", {}, {**query, "Hide": "false"})
        await self._store(item_id, f"{path}/{item_id}/UserData", full_set(write), query)


class EmbySignIn(MediaBrowserSignIn):
    """A sign-in to one Emby server: by password, or with an API key."""

    dialect: ClassVar[Dialect] = EMBY
