"""Facts about Jellyfin and Emby."""
