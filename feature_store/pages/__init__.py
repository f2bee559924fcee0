"""Pages on which people find features: what each is, how to take it, where it comes from and who uses it."""
