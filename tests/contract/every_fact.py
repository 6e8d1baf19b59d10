"""All facts, in the order of their modules."""

from .fact import FACTS as FOUND
from .mediabrowser import facts as mediabrowser
from .plex import facts as plex

MODULES = (*mediabrowser.MODULES, *plex.MODULES)

_ORDER = {module.__name__: number for number, module in enumerate(MODULES)}

FACTS = sorted(FOUND, key=lambda fact: _ORDER[fact.question.__module__])
