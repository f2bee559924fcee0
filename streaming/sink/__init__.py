"""From the broker to landing, each record once."""
