"""Shared by the API and the pages: current actor, languages, permission checks, error map, security headers.

Nothing here renders a response body: `kb.api` makes JSON, `kb.pages` makes HTML.
"""
