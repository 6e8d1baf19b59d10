"""What the cards and the dashboard are served and told."""
