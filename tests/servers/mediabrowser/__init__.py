"""The clients of Jellyfin and Emby."""
