"""The pre-launch check: a draft in, findings and precedents out. And the calendar of days to watch."""
