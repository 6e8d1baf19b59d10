"""What checks the repository itself: its architecture, its texts, its release, and Home Assistant's quality scale."""
