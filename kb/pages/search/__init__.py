"""Pages that find incidents: search, lists, exports."""
