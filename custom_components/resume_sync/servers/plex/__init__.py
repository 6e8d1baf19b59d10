"""Plex: a Plex Media Server, and plex.tv where accounts, homes and addresses are kept."""
