"""Stands in for a package that Home Assistant's voice assistant imports and that has to be compiled."""


class AudioProcessor:
    """Noise suppression, which nobody here asks for."""
