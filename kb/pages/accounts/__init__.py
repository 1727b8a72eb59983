"""Pages about who is signed in: account, team, tokens."""
