"""The households that tests, benchmarks and the demonstration live in.

There are two, because there are two things to ask. `over_the_port` asks what the core decides: it runs accounts and
pairs over whatever implements `MediaServer`, and its disk survives a loss of power. `with_home_assistant` asks what
people get to see: a real Home Assistant in a process of its own, where accounts are added as in the browser
(`adding`). Tests that look inside of a Home Assistant run it in their own process and give it `entries`.

Both stand before the same `media_servers`, whose accounts are reached through `doors`. What only one kind of test
needs stands with that test: model servers in `tests/sync`, power losses and a witness in `tests/soak`, stopwatches in
`tests/bench`.
"""
