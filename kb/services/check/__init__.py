"""The pre-launch check: a draft in, findings and precedents out."""
