"""Files of incidents, in the formats that people have them in: JSON, tables and Markdown."""
