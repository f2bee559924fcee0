"""Events as JSON documents: what they hold, how old ones are read, and which are dead letters."""
