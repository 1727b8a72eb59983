"""Records: lines of an export, stored unchanged with their ids, authors, times, reviews and history."""
