"""Checks before a launch: findings of guards, precedents, receipts, and the days to watch."""
