"""Packages that Home Assistant imports and the demonstration does without."""
