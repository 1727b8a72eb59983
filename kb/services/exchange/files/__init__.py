"""Read files of incidents in common formats: JSON, tables and Markdown."""
