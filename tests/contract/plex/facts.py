"""All facts about Plex: importing this fills the list."""

from tests.contract.plex import details, hub, identity, listings, pictures, plex_tv, push, reports, rights

MODULES = (identity, listings, details, pictures, hub, reports, rights, push, plex_tv)
