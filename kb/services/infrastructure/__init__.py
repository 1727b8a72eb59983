"""What any wing may use and that knows no incident: the wired parts of the application, pagination, locks.

A helper belongs here when it would make sense in another application; anything that reads or writes an incident does not.
"""
