"""The blueprints: automations that are made of them run in a real Home Assistant, against simulated servers."""
