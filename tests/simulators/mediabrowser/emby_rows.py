"""Items and user data as Emby writes them."""

from collections.abc import Callable
from typing import override

from tests.simulators.holdings import Entry, Holdings
from tests.simulators.state import StateStore, WatchState
from tests.simulators.users import User

from .rows import FOLDERS, ItemRows, Json, RowOptions
from .values import date_text, hex_id


class EmbyRows(ItemRows):
    """Emby's items: few fields unless asked for, and user data that lie in lists."""

    def __init__(
        self, server_id: str, holdings: Holdings, states: StateStore, state_key: Callable[[Entry], str]
    ) -> None:
        """Write items whose states are stored under these keys."""
        super().__init__(server_id, holdings, states)
        self._state_key = state_key

    @override
    def date(self, epoch: float) -> str:
        return date_text(epoch, trimmed=False)

    @override
    def state(self, user: User, entry: Entry) -> WatchState:
        return self.states.get(user.user_id, self._state_key(entry))

    @override
    def media_source_id(self, entry: Entry) -> str:
        return f"mediasource_{entry.item_id}"

    @override
    def media_source(self, entry: Entry, *, first: bool) -> Json:
        return super().media_source(entry, first=first) | {"ItemId": entry.item_id}

    @override
    def own_fields(self, entry: Entry, options: RowOptions) -> Json:
        row: Json = {} if entry.kind in FOLDERS else {"MediaType": "Video"}
        if entry.year is not None and options.wants("ProductionYear"):
            row["ProductionYear"] = entry.year
        if options.wants("PremiereDate") and (aired := entry.aired or (entry.year and f"{entry.year:04}-05-01")):
            row["PremiereDate"] = f"{aired}T00:00:00.0000000Z"
        if options.wants("PresentationUniqueKey"):
            row["PresentationUniqueKey"] = hex_id("presentation", entry.key)
        if options.detail:
            row |= {"CanDelete": False, "CanDownload": True, "SupportsSync": True, "Genres": [], "People": []}
        return row

    @override
    def user_data(self, user: User, entry: Entry, options: RowOptions, state: WatchState | None = None) -> Json:
        """Return user data; lists say 0 plays and no date unless these are asked for by name."""
        state = state or self.state(user, entry)
        data = self.plain_user_data(user, entry, state)
        if not options.wants("UserDataPlayCount"):
            data["PlayCount"] = 0
        if not options.wants("UserDataLastPlayedDate"):
            data.pop("LastPlayedDate", None)
        if state.hidden:
            data["HideFromResume"] = True
        return data
