"""The words that pages use for the keys of the API."""
