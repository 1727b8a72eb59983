"""Pages on which an incident is changed, one part at a time."""
