"""What runs every day, and what starts it."""
