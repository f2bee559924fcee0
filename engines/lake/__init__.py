"""DuckLake: Parquet files and a catalog in PostgreSQL."""
