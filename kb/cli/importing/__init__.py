"""The steps of `kb import`: read files, propose mappings, write lines, report what happened."""
