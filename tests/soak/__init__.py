"""Random schedules of viewers, servers, faults and runs, and what must be true at every moment of them."""
