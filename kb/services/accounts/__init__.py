"""Accounts: users, teams, memberships, passwords, sessions, tokens, and rate limits on guessing.

What an actor may do to an incident belongs in `core.authorization` and `kb.domain.permissions`.
"""
