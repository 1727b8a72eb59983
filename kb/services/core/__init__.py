"""What every wing that touches an incident needs: authorization, unit of work, presenters, audit, changes.

Rules of a single feature do not belong here: a module moves in only when two wings need it.
"""
