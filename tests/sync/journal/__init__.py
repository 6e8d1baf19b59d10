"""When did a human last move an item: edits, trails, evidence and journals."""
