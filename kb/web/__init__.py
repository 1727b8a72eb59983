"""What the API, the pages and the commands share: the addresses that answers carry, and how they are encoded.

Rules and data belong to the services. What only one of the three needs belongs there.
"""
