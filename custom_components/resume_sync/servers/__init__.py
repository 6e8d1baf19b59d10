"""The media servers, behind the port in `sync.media_server`. No Home Assistant in here."""
