"""Shared by the API, the CLI and, later, the pages: actor, languages, permission checks, errors, reports.

Responses are made elsewhere: `kb.api` writes JSON and CSV, `kb.pages` will write HTML.
"""
