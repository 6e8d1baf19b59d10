"""All facts about Plex: importing this fills the list."""

from tests.contract.plex import details, hub, identity, listings, plex_tv, push, reports, rights

MODULES = (identity, listings, details, hub, reports, rights, push, plex_tv)
