"""Jellyfin and Emby, which have grown from one server and still speak one dialect of its API."""
