"""Domain rules. Pure functions and data: only the standard library and names of countries, no I/O."""
