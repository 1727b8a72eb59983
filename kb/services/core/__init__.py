"""What every wing that handles incidents needs: authorization, unit of work, presenters, audit, change feed.

A module belongs here only if at least two wings above need it; the rules of one feature stay in its wing.
"""
