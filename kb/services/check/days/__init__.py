"""The calendar of days to watch: observances, anniversaries and the incidents of such days."""
