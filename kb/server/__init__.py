"""Run the application in `kb serve`: worker processes, threads, request bodies, and streams."""
