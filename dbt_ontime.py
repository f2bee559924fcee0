"""What dbt, which asks every installed module named `dbt_…` for plugins, finds of this project."""

from ingestion.engines.dbt_spark import JavaForSpark

plugins = [JavaForSpark]
