"""The page of an incident and its history."""
