"""Observances: feasts, memorial days, anniversaries and shopping days, their dates and their names.

`seeds/observances.yaml` is the table. `rules` computes when an observance falls, `days` lists what falls on a
date, and `names` has what people call it. Only this package imports calendar libraries.
"""
