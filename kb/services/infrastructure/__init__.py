"""What any wing may use and that knows no incident: the parts of the running application, pagination, locks.

A helper belongs here if it would make sense in another application. Rules about incidents never do.
"""
