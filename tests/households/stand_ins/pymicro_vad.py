"""Stands in for a package that Home Assistant's voice assistant imports and that has to be compiled."""


class MicroVad:
    """Voice activity detection, which nobody here asks for."""
