"""One pair: when it runs, what a run works on, what came of it, and what people decide about it by hand."""
