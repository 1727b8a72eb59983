"""Linear models of sentences, and the parts and tokens of a text that they score."""
