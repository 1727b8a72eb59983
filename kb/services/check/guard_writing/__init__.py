"""Guards in the making: skeletons, suggestions, backtests, offers, and their files."""
