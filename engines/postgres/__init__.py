"""PostgreSQL, of one's own or elsewhere."""
