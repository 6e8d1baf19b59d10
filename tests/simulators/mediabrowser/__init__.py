"""Simulated Jellyfin and Emby servers."""
