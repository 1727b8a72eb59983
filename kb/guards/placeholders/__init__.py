"""What unfinished text looks like: merge fields, marks of what is missing, notes to colleagues."""
