"""Custom integrations, as a Home Assistant configuration has them."""
