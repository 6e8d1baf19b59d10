"""Packages that Home Assistant imports and never uses here."""
