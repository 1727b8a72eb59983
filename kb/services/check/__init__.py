"""Before a launch: what guards find in a draft, what it resembles, the receipt of it, the days to watch."""
