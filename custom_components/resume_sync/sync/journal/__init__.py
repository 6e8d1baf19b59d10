"""When did a human last move an item, and whose position is it that a read shows."""
