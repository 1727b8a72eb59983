"""Who is asking: users, teams, memberships, passwords, sessions, tokens, rate limits of sign-in attempts.

What an account may do to an incident is decided in `core.authorization` and `kb.domain.permissions`.
"""
