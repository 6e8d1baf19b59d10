"""Whole runs without Home Assistant: the real clients and the sync core over simulated servers."""
