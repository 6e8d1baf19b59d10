"""The demonstration: three simulated media servers, a real Home Assistant, real syncs."""
