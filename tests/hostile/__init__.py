"""Servers that mean harm, or are broken in the worst ways: answers that drip, grow, or never stop coming."""
