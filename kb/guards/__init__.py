"""Run guards on drafts: a draft is analyzed once, and each guard reports where it finds something.

Pure functions of a draft, the guards, the concepts and the observances: no database, no clock, no request.
"""
