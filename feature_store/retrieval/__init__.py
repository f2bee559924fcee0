"""Features in force at the instants of one's own rows."""
