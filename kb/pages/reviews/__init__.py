"""Pages of reviews: what waits for a second person, and the decision about it."""
