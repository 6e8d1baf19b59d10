"""What is to be done: scenes, decisions, removals and the planner."""
