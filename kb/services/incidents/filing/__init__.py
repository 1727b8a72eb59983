"""File new incidents: one by one, in a dry run, or thousands at a time."""
