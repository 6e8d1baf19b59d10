"""The core of Resume Sync: decides for each title whether to write, and why. No I/O, no clock, no Home Assistant."""
