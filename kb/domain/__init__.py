"""Domain rules. Pure functions and data: only the standard library, no I/O."""
