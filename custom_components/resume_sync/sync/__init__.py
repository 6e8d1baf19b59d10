"""The core of Resume Sync: what to do with which title, and why. No I/O, no clock, no Home Assistant."""
