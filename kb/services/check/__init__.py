"""The check before publication: what a draft resembles and which guards find something, and the receipts of it.

The guards themselves are functions of a draft, in `kb.guards`; precedents come from the search engine.
"""
