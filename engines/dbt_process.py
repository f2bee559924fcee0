"""A plugin of dbt that gives its process the project's ways with files: who may read them, and where scratch is."""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from functools import cache
from typing import Final

from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

from ontime.errors import OntimeError
from ontime.rights import make_folder, restrict_new_files
from ontime.scratch import DBT, SPILL_VARIABLE, scratch_folder
from ontime.settings import Settings

WITHOUT_AN_ENGINE: Final = {"clean", "deps", "init", "list", "parse", "serve"}


class FilesOfDbt(dbtPlugin):
    """Found by dbt through the module `dbt_ontime`."""

    def initialize(self) -> None:
        """Before dbt makes a file: open those to come to who may read them, and say where temporary ones go.

        Raises:
            DbtRuntimeError: If a setting is wrong, or the folder of scratch cannot be used.
        """
        restrict_new_files()
        if get_flags().WHICH in WITHOUT_AN_ENGINE:  # type: ignore[no-untyped-call]  # dbt gives it no type
            return
        try:
            _work_till_exit(str(Settings.load_known().scratch_dir.absolute()))
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None


@cache
def _work_till_exit(scratch_dir: str) -> None:
    """Keep a folder, as nobody tells when dbt is done; a program that runs dbt keeps its own temporary files."""
    settings = Settings.load_known(scratch_dir=scratch_dir)
    make_folder(settings.scratch_dir, settings)
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(scratch_folder(settings.scratch_dir, f"{DBT}-")).path
    # Spark asks the environment, too
    os.environ[SPILL_VARIABLE] = os.environ["SPARK_LOCAL_DIRS"] = str(folder.absolute())
