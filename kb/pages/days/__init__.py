"""Pages of the days to watch."""
