"""Tables of an Iceberg REST catalog."""
