"""What `kb trends` prints: tables and charts of series, in words."""
