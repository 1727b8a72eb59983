"""Tools for any package of services: the running application's settings and engine, pagination, locks, CSV.

A module belongs here if it would make sense in another application; nothing here knows what an incident is.
"""
