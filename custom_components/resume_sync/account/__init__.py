"""One account: its coordinator, its client, its saved state, and what its server tells by itself."""
