"""What dbt, which asks every installed module named `dbt_…` for plugins, finds of this project."""

from ingestion.dbt_seeds import ReadableSeeds
from ingestion.engines.dbt_spark import JavaForSpark

plugins = [JavaForSpark, ReadableSeeds]
