"""Planning: for every title one decision with one reason, made from two shelves, the rules and the ledger."""
