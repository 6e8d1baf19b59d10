"""Tests of runs: accounts, look-ups, writes, runs, and decisions made by hand."""
