"""Families of short schedules: each provokes one rule of the journal or the planner, drawn from a seed."""

from .accidents import ACCIDENTS
from .apps import APPS
from .faults import FAULTS
from .viewers import VIEWERS

FAMILIES = {family.name: family for family in (*APPS, *FAULTS, *ACCIDENTS, *VIEWERS)}
