"""Rules for unfinished text: merge fields, marks such as TBD, notes to colleagues."""
