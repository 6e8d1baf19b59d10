"""A person in front of a browser: the real Home Assistant, its real frontend, Chromium, simulated media servers."""
