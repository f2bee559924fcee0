"""What features there are: compiled from what dbt knows of its models."""
