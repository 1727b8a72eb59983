"""What `kb check` checks, through a server or in this process, and how it reports findings."""
