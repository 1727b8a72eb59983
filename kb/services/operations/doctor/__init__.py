"""The doctor: checks an installation for problems, each with advice."""
