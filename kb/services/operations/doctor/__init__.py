"""The doctor: everything that can be wrong with an installation, each with what to do about it."""
