"""Checks of the whole integration by Home Assistant's quality scale: each a function that returns what is wrong."""
