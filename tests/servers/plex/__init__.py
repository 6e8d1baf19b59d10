"""The client of Plex Media Servers, and that of plex.tv."""
