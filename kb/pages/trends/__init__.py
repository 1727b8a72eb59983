"""Pages of trends, categories and topics."""
