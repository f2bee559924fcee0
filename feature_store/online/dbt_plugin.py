"""A plugin of dbt that takes excluded aircraft out of the online store before anything is built."""

from __future__ import annotations

from pathlib import Path

from dbt.events.types import JinjaLogWarning
from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from feature_store.online.opting_out import opt_out
from ingestion.dbt_seeds import BUILDS
from ontime.errors import OntimeError
from ontime.settings import Settings


class OptOutOnline(dbtPlugin):
    """Found by dbt through the module `dbt_ontime`."""

    def initialize(self) -> None:
        """Where a command is about to build, take what is excluded out of the online store, if there is one.

        A store that cannot be reached stops no build: it is warned of, and the next build tries again.

        Raises:
            DbtRuntimeError: If a setting is wrong.
        """
        flags = get_flags()  # type: ignore[no-untyped-call]  # dbt gives it no type
        if flags.WHICH not in BUILDS:
            return
        try:
            settings = Settings.load_known()
        except OntimeError as error:
            raise DbtRuntimeError(str(error)) from None
        try:
            opt_out(settings, Path(flags.PROJECT_DIR))
        except OntimeError as error:
            warn_or_error(
                JinjaLogWarning(msg=f"excluded aircraft stay in the online store until it can be used: {error}")
            )
