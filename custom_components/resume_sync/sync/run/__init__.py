"""Doing it: read, plan, write, read back, record."""
