"""Pages of guards: the list, the form, offers of examples."""
