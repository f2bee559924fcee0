"""What consumers read."""
