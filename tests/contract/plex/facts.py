"""All facts about Plex: importing this fills the list."""

from tests.contract.plex import details, identity, listings, plex_tv, push, reports, rights

MODULES = (identity, listings, details, reports, rights, push, plex_tv)
