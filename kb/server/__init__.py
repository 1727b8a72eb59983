"""What runs the application in `kb serve`: worker processes, threads, bodies of requests, and streams."""
