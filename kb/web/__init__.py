"""Shared by the API, the CLI and the pages: current actor, languages, permission checks, error map, headers.

Nothing here renders a response body: `kb.api` makes JSON and CSV, `kb.pages` makes HTML.
"""
