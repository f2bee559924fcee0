"""The raw schemas: their tables, and what stands in them."""
