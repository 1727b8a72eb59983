"""Collections of incidents: read from files, checked, then added, updated and removed as a whole."""
