"""From nothing to tested marts in one command."""
