"""Content calendars: read from files, checked row by row, and searched for posts that clash."""
