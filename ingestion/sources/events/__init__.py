"""Source `events`: what the sink landed of the broker's topics."""
