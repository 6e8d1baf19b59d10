"""Where Jellyfin and Emby have the same thing at different addresses, as the clients use them."""

from dataclasses import dataclass

from tests.contract.servers import Kind


@dataclass(frozen=True, slots=True)
class Paths:
    """Addresses with `{user}` and `{item}`. `user_query`: the user goes into the query."""

    items: str
    item: str
    data: str
    played: str
    favorite: str
    resume: str
    views: str
    user_query: bool
    fields: str
    socket: str


PATHS = {
    Kind.JELLYFIN: Paths(
        items="/Items",
        item="/Items/{item}",
        data="/UserItems/{item}/UserData",
        played="/UserPlayedItems/{item}",
        favorite="/UserFavoriteItems/{item}",
        resume="/UserItems/Resume",
        views="/UserViews",
        user_query=True,
        fields="ProviderIds,ParentId",
        socket="/socket",
    ),
    Kind.EMBY: Paths(
        items="/Users/{user}/Items",
        item="/Users/{user}/Items/{item}",
        data="/Users/{user}/Items/{item}/UserData",
        played="/Users/{user}/PlayedItems/{item}",
        favorite="/Users/{user}/FavoriteItems/{item}",
        resume="/Users/{user}/Items/Resume",
        views="/Users/{user}/Views",
        user_query=False,
        fields="ProviderIds,ParentId,ProductionYear,PremiereDate,UserDataLastPlayedDate,UserDataPlayCount",
        socket="/embywebsocket",
    ),
}
