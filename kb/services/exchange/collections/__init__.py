"""Collections of incidents: read from files, checked, added, brought up to date, and taken out as a whole."""
