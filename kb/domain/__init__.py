"""Rules of the field, pure: the standard library only, no I/O."""
