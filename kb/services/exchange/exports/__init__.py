"""Exports: select incidents, and write them in any format."""
