"""Observances: feasts, memorial days, anniversaries and shopping days, their dates and their names.

`seeds/observances.yaml` is the table. `rules` reads when a day falls, `days` says what falls on a date, and
`names` what people call it. Only this package knows the libraries of calendars.
"""
