"""What any wing may use and that knows no incident: the parts the application was wired with, pagination, locks.

A helper belongs here if it would make sense in another application. Rules about incidents never do.
"""
