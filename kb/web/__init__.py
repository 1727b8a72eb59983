"""Shared by the API, the CLI and the pages: actor, languages, permission checks, errors, reports.

Responses are built elsewhere: `kb.api` writes JSON and CSV, `kb.pages` writes HTML.
"""
