"""The services: what the knowledge base does, with authorization and the only commit point.

They take validated data and return dictionaries ready for JSON; they know neither HTTP nor the command line.
"""
