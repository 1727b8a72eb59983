"""Search: what is asked, how text is analyzed, and the engines that answer. Knows no SQL."""
