"""Spark on Parquet files."""
