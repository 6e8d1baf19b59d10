"""All facts about Jellyfin and Emby: importing this fills the list."""

from . import (
    copies,
    libraries,
    listing,
    lookups,
    marks,
    pictures,
    playback,
    push,
    rights,
    sessions,
    sign_in,
    starting,
    writes,
)

MODULES = (
    sign_in,
    rights,
    listing,
    libraries,
    lookups,
    writes,
    marks,
    playback,
    sessions,
    copies,
    pictures,
    push,
    starting,
)
