"""All facts about Jellyfin and Emby: importing this fills the list."""

from tests.contract.mediabrowser import rights, writes

MODULES = (rights, writes)
