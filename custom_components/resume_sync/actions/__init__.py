"""The actions: which pairs they are for, what they answer, and what people decide by hand."""
