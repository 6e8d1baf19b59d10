"""What the clients rely on, as facts that any server can be asked: over HTTP, without Home Assistant and pytest."""
