"""The published copy as Iceberg tables of a REST catalog."""
