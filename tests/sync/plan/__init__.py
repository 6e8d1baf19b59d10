"""Tests of planning: scenes, decisions, removals and the planner."""
