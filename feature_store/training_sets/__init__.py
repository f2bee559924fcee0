"""Training sets: examples with features as they were known, in files with a receipt."""
