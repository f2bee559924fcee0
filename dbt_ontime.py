"""What dbt, which asks every installed module named `dbt_…` for plugins, finds of this project."""

from engines.dbt_process import FilesOfDbt
from engines.spark.dbt_plugin import JavaForSpark
from feature_store.online.dbt_plugin import OptOutOnline
from ingestion.dbt_seeds import ReadableSeeds

plugins = [FilesOfDbt, JavaForSpark, ReadableSeeds, OptOutOnline]
