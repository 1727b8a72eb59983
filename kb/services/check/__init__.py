"""The check before publication: what guards find in a draft, what it resembles, and the receipt of it.

The guards themselves are functions of a draft, in `kb.guards`; precedents come from the search engine.
"""
