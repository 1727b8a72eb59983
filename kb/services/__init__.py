"""The services: what the knowledge base does, with authorization and the only commit point.

They take validated data and return typed results or dictionaries, with ids instead of URLs; they know neither
HTTP nor the command line.
"""
