"""A plugin of dbt that looks for the Java that Spark needs before dbt starts Spark: Spark's own word is a traceback."""

from __future__ import annotations

import os

from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

from engines.dbt_process import WITHOUT_AN_ENGINE
from engines.spark.java import java
from ontime.errors import OntimeError


class JavaForSpark(dbtPlugin):
    """Found by dbt through the module `dbt_ontime`."""

    def initialize(self) -> None:
        """Look for Java where a command of dbt is about to use the target `spark`.

        Raises:
            DbtRuntimeError: If there is none that Spark runs on.
        """
        flags = get_flags()  # type: ignore[no-untyped-call]  # dbt gives it no type
        target = flags.TARGET or os.environ.get("ONTIME_TARGET")
        if target != "spark" or flags.WHICH in WITHOUT_AN_ENGINE:
            return
        try:
            java()
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None
