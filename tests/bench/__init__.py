"""What runs cost with libraries of any size: requests, bytes, time, memory, and the event loop's longest stall."""
