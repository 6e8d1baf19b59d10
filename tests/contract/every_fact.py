"""All facts, in their order."""

from .fact import FACTS
from .mediabrowser import facts as mediabrowser

MODULES = (*mediabrowser.MODULES,)

__all__ = ["FACTS", "MODULES"]
