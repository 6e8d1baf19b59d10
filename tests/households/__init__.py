"""The households that tests, benchmarks and the demonstration live in.

There are two: `over_the_port` runs accounts and pairs by the core alone, over whatever implements `MediaServer`;
`with_home_assistant` has a real Home Assistant. Both may stand before `media_servers`, the simulated servers with the
people in front of them. What only one kind of test needs stands with that test.
"""
