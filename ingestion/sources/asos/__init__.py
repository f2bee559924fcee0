"""Weather reports of airports."""
