"""What runs the application in `kb serve`: worker processes, their threads, and the bodies of requests."""
