"""Doing it: accounts, look-ups, writes, runs, and what is decided by hand."""
