"""The JavaScript modules of the cards and the dashboard."""
