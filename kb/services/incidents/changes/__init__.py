"""Changes to stored incidents: edit, propose and approve, restore; and the history of what was changed."""
