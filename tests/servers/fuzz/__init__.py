"""Answers that are almost right, made by the thousand."""
