"""Many regular expressions matched together: literals first, then sets of RE2 with few kinds of letters."""
