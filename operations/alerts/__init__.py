"""Tells people of what is wrong, once, and of its end."""
