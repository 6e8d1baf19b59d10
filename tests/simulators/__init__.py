"""Media servers to test and demonstrate against: real HTTP on 127.0.0.1, the state of real users, a movable clock."""
