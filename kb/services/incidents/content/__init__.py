"""The content of an incident: facts, texts, lessons, tags, as rows; and whole states of it."""
