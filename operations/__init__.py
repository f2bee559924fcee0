"""Running the warehouse: its health, its state, its upkeep."""
