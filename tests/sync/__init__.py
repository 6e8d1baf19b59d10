"""Tests of the sync core: pure functions, and whole runs over a model of servers, viewers and their lies."""
