"""Copies of a knowledge base from one kind of database to another, with everything in it."""
