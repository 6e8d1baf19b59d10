"""Tests of the flows: what people see and answer when they add accounts and pairs."""
