"""From files to typed rows."""
