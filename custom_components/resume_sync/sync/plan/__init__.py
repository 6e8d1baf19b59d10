"""What is to be done: one decision, with one reason, for every title."""
