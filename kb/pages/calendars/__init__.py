"""Pages that check a content calendar, and keep its answers."""
