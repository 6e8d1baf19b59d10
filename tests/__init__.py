"""Tests of Resume Sync."""
