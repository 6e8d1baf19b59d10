"""Running a pair: read both accounts, plan, write, read back, record; undo, mappings and positions set by hand."""
