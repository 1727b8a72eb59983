"""The days that a draft names or goes out on: dates, observances, and their words in messages."""
