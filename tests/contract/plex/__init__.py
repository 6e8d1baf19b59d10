"""What is relied on of Plex Media Servers and of plex.tv."""
