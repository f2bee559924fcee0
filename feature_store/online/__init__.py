"""The newest row of features of each entity, for who asks now."""
